"""Adding warranties to a purchase, changing, voiding and deleting them."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.http import QueryDict
from django.test import Client

from budgets.tests.factories import make_budget
from occasions.tests.factories import OccasionFactory, PersonFactory, make_gift
from people.models import User
from people.tests.factories import UserFactory
from purchases import keeping
from purchases.forms.warranties import WarrantyForm, warranty_values
from purchases.models import Purchase, Warranty
from purchases.tests.factories import NOW, TODAY, PurchaseFactory, WarrantyFactory, buy
from purchases.tests.forms import Fields

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

BOUGHT = date(2026, 3, 1)
TYPED = {
    "kind": "extended",
    "provider": "ACME <Care>",
    "starts_on": "2026-04-01",
    "length": "",
    "ends_on": "2029-03-31",
    "notes": "Call 0800\nand wait",
}


@pytest.fixture
def user() -> User:
    return UserFactory()


@pytest.fixture
def member(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


@pytest.fixture
def bought(user: User) -> Purchase:
    return PurchaseFactory(owner=user, name="Kettle", purchased_on=BOUGHT)


def form_of(prefix: str | None = None, bought_on: date | None = BOUGHT, **typed) -> WarrantyForm:
    """Return the form as it is posted with this typed into it."""
    data = QueryDict(mutable=True)
    data.update({f"{prefix}-{name}" if prefix else name: typed[name] for name in typed})
    return WarrantyForm(data, prefix=prefix, bought_on=bought_on)


def dates(warranty: Warranty) -> tuple[date, date | None]:
    return warranty.starts_on, warranty.ends_on


class TestAdding:
    def test_offers_the_day_of_the_purchase_as_the_first(self, member, bought):
        page = member.get(f"/warranties/add/{bought.pk}/").content.decode()
        assert 'name="starts_on" value="2026-03-01"' in page
        assert "No longer valid" not in page

    def test_stores_what_was_typed_and_goes_back_to_the_purchase(self, member, bought):
        answer = member.post(f"/warranties/add/{bought.pk}/", TYPED)
        assert answer["Location"] == bought.get_absolute_url()
        warranty = bought.warranties.get()
        assert dates(warranty) == (date(2026, 4, 1), date(2029, 3, 31))
        assert (warranty.kind, warranty.provider) == ("extended", "ACME <Care>")
        assert warranty.notes.splitlines() == ["Call 0800", "and wait"]
        assert not warranty.voided

    def test_a_purchase_may_have_several(self, member, bought):
        for length in ("12", "24", "life"):
            member.post(f"/warranties/add/{bought.pk}/", {"length": length})
        ends = [warranty.ends_on for warranty in bought.warranties.all()]
        assert ends == [date(2027, 2, 28), date(2028, 2, 29), None]

    def test_without_a_last_day_it_is_for_life(self, member, bought):
        member.post(f"/warranties/add/{bought.pk}/", TYPED | {"ends_on": ""})
        assert bought.warranties.get().ends_on is None

    def test_an_end_before_the_start_is_told_at_its_field_with_everything_kept(
        self, member, bought
    ):
        wrong = TYPED | {"ends_on": "2026-03-31"}
        answer = member.post(f"/warranties/add/{bought.pk}/", wrong)
        assert answer.status_code == 422
        assert answer.context["form"].errors == {
            "ends_on": ["The last day cannot be before the first."]
        }
        page = answer.content.decode()
        for kept in (
            'value="extended" selected',
            'value="ACME &lt;Care&gt;"',
            'value="2026-04-01"',
            'value="2026-03-31"',
            "Call 0800\nand wait",
        ):
            assert kept in page
        assert not Warranty.objects.exists()

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"kind": "magic"}, "kind"),
            ({"starts_on": "soon"}, "starts_on"),
            ({"starts_on": "0026-01-01"}, "starts_on"),
            ({"ends_on": "2026-02-30"}, "ends_on"),
            ({"length": "7"}, "length"),
            ({"length": "24"}, "length"),
            ({"length": "life"}, "length"),
            ({"provider": "x" * 201}, "provider"),
            ({"provider": "a\0b"}, "provider"),
            ({"notes": "x" * 2001}, "notes"),
        ],
    )
    def test_what_is_wrong_is_told_at_its_field(self, member, bought, wrong, field):
        answer = member.post(f"/warranties/add/{bought.pk}/", TYPED | wrong)
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == {field}
        assert not Warranty.objects.exists()

    def test_the_purchase_stays_at_its_version_and_notes_the_moment(
        self, member, bought, time_machine
    ):
        time_machine.shift(timedelta(minutes=5))
        member.post(f"/warranties/add/{bought.pk}/", TYPED)
        bought.refresh_from_db()
        assert (bought.version, bought.changed_at) == (1, NOW + timedelta(minutes=5))


class TestLength:
    @pytest.mark.parametrize(
        ("length", "last"),
        [
            ("12", date(2027, 2, 28)),
            ("24", date(2028, 2, 29)),
            ("36", date(2029, 2, 28)),
            ("life", None),
            ("", None),
        ],
    )
    def test_fills_an_empty_end_from_the_first_day(self, length, last):
        form = form_of(length=length)
        assert form.is_valid()
        assert form.values() == {
            "kind": "manufacturer",
            "provider": "",
            "starts_on": BOUGHT,
            "ends_on": last,
            "notes": "",
        }

    def test_counts_from_the_day_that_was_typed(self):
        form = form_of(length="12", starts_on="2024-02-29")
        assert form.is_valid()
        assert form.values()["ends_on"] == date(2025, 2, 28)

    def test_may_say_the_same_as_the_last_day(self):
        form = form_of(length="12", ends_on="2027-02-28")
        assert form.is_valid()

    def test_replaces_the_end_that_stood_there(self, member, bought):
        warranty = WarrantyFactory(purchase=bought, ends_on=date(2027, 2, 28))
        stood = {"starts_on": "2026-03-01", "ends_on": "2027-02-28"}
        member.post(warranty.get_absolute_url(), {**stood, "length": "36"})
        warranty.refresh_from_db()
        assert dates(warranty) == (BOUGHT, date(2029, 2, 28))
        member.post(
            warranty.get_absolute_url(), {**stood, "ends_on": "2029-02-28", "length": "life"}
        )
        warranty.refresh_from_db()
        assert dates(warranty) == (BOUGHT, None)

    def test_at_the_end_of_all_days_stays_there(self):
        form = form_of(length="36", starts_on="9998-01-01")
        assert form.is_valid()
        assert form.values()["ends_on"] == date.max


class TestInsideAnotherForm:
    @pytest.mark.parametrize("typed", [{}, {"kind": "manufacturer", "provider": " "}])
    def test_a_blank_one_is_none(self, typed):
        form = form_of("warranty", **typed)
        assert form.is_valid()
        assert warranty_values(form) is None

    def test_an_empty_start_is_the_day_of_the_purchase(self):
        form = form_of("warranty", length="12")
        assert form.is_valid()
        values = warranty_values(form) or {}
        assert (values["starts_on"], values["ends_on"]) == (BOUGHT, date(2027, 2, 28))

    def test_an_end_before_the_purchase_is_refused(self):
        form = form_of("warranty", ends_on="2026-02-28")
        assert set(form.errors) == {"ends_on"}

    def test_without_a_readable_day_of_the_purchase_nothing_breaks(self):
        form = form_of("warranty", bought_on=None, length="12")
        assert form.is_valid()
        assert "starts_on" not in (warranty_values(form) or {"starts_on"})

    def test_offers_no_day_that_would_make_it_more_than_blank(self):
        form = WarrantyForm(prefix="warranty", bought_on=BOUGHT)
        assert form["starts_on"].value() is None

    def test_what_it_gives_is_what_recording_takes(self):
        form = form_of("warranty", length="24", provider="ACME")
        assert form.is_valid()
        owner = make_budget(limit=100).user
        purchase = buy(owner, purchased_on=BOUGHT, warranties=[warranty_values(form)])
        assert dates(purchase.warranties.get()) == (BOUGHT, date(2028, 2, 29))


class TestChanging:
    @pytest.fixture
    def warranty(self, bought):
        return WarrantyFactory(
            purchase=bought, ends_on=TODAY + timedelta(days=10), provider="ACME", notes="Note"
        )

    def test_shows_how_it_stands_and_what_is_stored(self, member, warranty):
        page = member.get(warranty.get_absolute_url()).content.decode()
        assert "Expiring soon</span>" in page
        assert "10 days left" in page
        assert 'value="ACME"' in page
        assert 'value="2026-07-25"' in page

    def test_stores_what_was_typed(self, member, warranty, bought):
        answer = member.post(warranty.get_absolute_url(), TYPED)
        assert answer["Location"] == bought.get_absolute_url()
        warranty.refresh_from_db()
        assert (warranty.kind, warranty.ends_on) == ("extended", date(2029, 3, 31))

    def test_two_browsers_lose_nothing_of_each_other(self, member, warranty):
        path = warranty.get_absolute_url()
        one, other = (Fields(member.get(path).content.decode()).sent for _ in range(2))
        member.post(path, one | {"notes": "Call 555", "length": "24"})
        member.post(path, other | {"provider": "Teaworks"})
        warranty.refresh_from_db()
        assert (warranty.provider, warranty.notes) == ("Teaworks", "Call 555")
        assert warranty.ends_on == date(2028, 2, 29)

    def test_notes_that_were_not_touched_are_no_change(self, member, warranty):
        Warranty.objects.update(notes="one\ntwo ")
        path = warranty.get_absolute_url()
        sent = Fields(member.get(path).content.decode()).sent
        member.post(path, sent | {"notes": "one\r\ntwo", "provider": "Teaworks"})
        assert Warranty.objects.get().notes == "one\ntwo "

    def test_voiding_keeps_its_days_and_can_be_taken_back(self, member, warranty):
        typed = {"starts_on": "2026-03-01", "ends_on": "2026-07-25"}
        member.post(warranty.get_absolute_url(), {**typed, "voided": "on"})
        warranty.refresh_from_db()
        assert (warranty.status(TODAY), warranty.ends_on) == ("voided", date(2026, 7, 25))
        page = member.get(warranty.get_absolute_url()).content.decode()
        assert "Voided</span>" in page
        assert "10 days left" not in page
        member.post(warranty.get_absolute_url(), typed)
        warranty.refresh_from_db()
        assert warranty.status(TODAY) == "expiring"

    def test_a_refused_change_keeps_what_was_typed_and_stores_nothing(self, member, warranty):
        typed = TYPED | {"ends_on": "2020-01-01", "voided": "on"}
        answer = member.post(warranty.get_absolute_url(), typed)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert 'value="2020-01-01"' in page
        assert "checked" in page
        warranty.refresh_from_db()
        assert (warranty.provider, warranty.voided) == ("ACME", False)

    def test_deleting_asks_first(self, member, warranty, bought):
        page = member.get(f"/warranties/{warranty.pk}/delete/").content.decode()
        assert "The manufacturer warranty of ACME, until Jul 25, 2026, goes" in page
        assert Warranty.objects.exists()
        answer = member.post(f"/warranties/{warranty.pk}/delete/")
        assert answer["Location"] == bought.get_absolute_url()
        assert not Warranty.objects.exists()
        assert Purchase.objects.filter(pk=bought.pk).exists()

    @pytest.mark.parametrize("method", ["put", "delete", "patch"])
    def test_other_methods_are_not_answered(self, member, warranty, method):
        for place in (f"{warranty.pk}/", f"{warranty.pk}/delete/", f"add/{warranty.purchase_id}/"):
            assert getattr(member, method)(f"/warranties/{place}").status_code == 405


class TestRights:
    def places(self, warranty: Warranty) -> list[str]:
        return [f"add/{warranty.purchase_id}/", f"{warranty.pk}/", f"{warranty.pk}/delete/"]

    @pytest.mark.parametrize("shared", [False, True])
    def test_those_of_others_are_not_there(self, member, shared):
        warranty = WarrantyFactory(purchase__shared=shared, ends_on=TODAY)
        for place in self.places(warranty):
            assert member.get(f"/warranties/{place}").status_code == 404
            assert member.post(f"/warranties/{place}", TYPED).status_code == 404
        assert Warranty.objects.get().ends_on == TODAY

    def test_those_of_a_present_are_not_there(self, member, user):
        present = make_gift(OccasionFactory(), PersonFactory(user=user))
        warranty = WarrantyFactory(purchase__shared=True, purchase__gift=present)
        for place in self.places(warranty):
            assert member.get(f"/warranties/{place}").status_code == 404

    def test_those_of_what_is_in_the_trash_are_not_there(self, member, user):
        warranty = WarrantyFactory(purchase__owner=user, purchase__deleted_at=NOW)
        for place in self.places(warranty):
            assert member.get(f"/warranties/{place}").status_code == 404


class TestVerbs:
    WRONG = {"starts_on": TODAY, "ends_on": TODAY - timedelta(days=1)}

    def test_an_end_before_the_start_is_refused_by_each(self, bought):
        warranty = WarrantyFactory(purchase=bought)
        with pytest.raises(ValidationError, match="cannot be before the first"):
            keeping.add_warranty(purchase=bought, values=self.WRONG)
        with pytest.raises(ValidationError, match="cannot be before the first"):
            keeping.guard(purchase=bought, values=self.WRONG, now=NOW)
        with pytest.raises(ValidationError, match="cannot be before the first"):
            keeping.change_warranty(warranty=warranty, values=self.WRONG, now=NOW)
        assert Warranty.objects.get().ends_on is None

    def test_and_by_the_database(self, bought):
        with pytest.raises(IntegrityError):
            Warranty.objects.create(purchase=bought, **self.WRONG)

    def test_nothing_of_a_purchase_is_stored_when_its_warranty_is_refused(self):
        owner = make_budget(limit=100).user
        with pytest.raises(ValidationError):
            buy(owner, warranties=[self.WRONG])
        assert not Purchase.objects.exists()

    def test_a_warranty_has_nothing_else_to_set(self, bought):
        with pytest.raises(ValueError, match="no purchase_id to set"):
            keeping.guard(purchase=bought, values={"purchase_id": 1}, now=NOW)

    def test_changing_sets_only_what_is_named(self, bought):
        warranty = WarrantyFactory(purchase=bought, provider="ACME", notes="Note")
        keeping.change_warranty(warranty=warranty, values={"voided": True}, now=NOW)
        warranty.refresh_from_db()
        assert (warranty.voided, warranty.provider, warranty.notes) == (True, "ACME", "Note")

    def test_of_a_purchase_that_is_gone_none_is_added(self, bought):
        Purchase.objects.filter(pk=bought.pk).delete()
        with pytest.raises(Purchase.DoesNotExist):
            keeping.guard(purchase=bought, values={}, now=NOW)
