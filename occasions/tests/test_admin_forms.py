"""Changing people, occasions, gift budgets and gifts in the console."""

from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client

from budgets.tests.consoles import administrator, said_by, text_of
from occasions import planning
from occasions.models import Gift, Occasion, Role
from occasions.tests.factories import (
    NOW,
    TODAY,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
    stored,
)
from people.models import Person
from people.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def console() -> Client:
    return administrator()


def place_of(row: Model) -> str:
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/"


def form_at(console: Client, path: str) -> dict[str, Any]:
    """Return what a browser would send from a form as it is shown."""
    form = console.get(path).context["adminform"].form
    data: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if isinstance(value, list):
            data[bound.name] = [str(getattr(item, "pk", item)) for item in value]
        elif value is not None and value is not False:
            data[bound.name] = "on" if value is True else str(value)
    # What each field carries along.
    return data | {f"initial-{name}": value for name, value in data.items()}


def change(console: Client, row: Model, **typed: Any) -> HttpResponse:
    path = f"{place_of(row)}change/"
    return console.post(path, {**form_at(console, path), **typed})


def said_after(console: Client, answer: HttpResponse) -> list[str]:
    assert answer.status_code == 302
    return said_by(console.get(answer["Location"]))


def errors_of(answer: HttpResponse) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["adminform"].form.errors)


class TestPeople:
    def test_a_new_person_with_a_birthday_comes_on_the_calendar(self, console):
        typed = {"name": "Mom", "relationship": "parent", "birthday": "1960-03-15"}
        answer = console.post("/admin/people/person/add/", typed)
        assert said_after(console, answer) == ["Mom is saved."]
        assert Person.objects.get().relationship == "parent"
        birthday = Occasion.objects.get()
        assert (birthday.name, birthday.date) == ("Mom’s birthday", date(2027, 3, 15))

    def test_after_adding_there_is_more_to_write(self, console):
        typed = {"name": "Mom", "relationship": "parent", "_continue": "yes"}
        answer = console.post("/admin/people/person/add/", typed)
        assert answer["Location"] == f"{place_of(Person.objects.get())}change/"

    def test_one_is_added_from_the_form_of_a_gift(self, console):
        gift = make_gift(OccasionFactory(), PersonFactory())
        page = console.get(f"{place_of(gift)}change/").content.decode()
        assert 'href="/admin/people/person/add/?_to_field=id&amp;_popup=1' in page
        typed = {"name": "Dad", "relationship": "parent", "_popup": "1"}
        answer = console.post("/admin/people/person/add/", typed)
        assert "popup_response.js" in answer.content.decode()
        assert Person.objects.filter(name="Dad").exists()

    def test_a_birthday_that_moves_takes_the_occasion_along(self, console):
        mom = planning.save_person(
            person=PersonFactory.build(name="Mom", birthday=date(1960, 3, 15)), today=TODAY
        )
        change(console, mom, birthday="1960-03-20")
        assert Occasion.objects.get().date == date(2027, 3, 20)

    def test_an_unchanged_form_changes_nothing(self, console):
        mom = PersonFactory(name="Mom", interests="Chess", user=UserFactory())
        assert said_after(console, change(console, mom)) == ["Nothing was changed."]
        assert Person.objects.get().interests == "Chess"

    def test_only_what_was_changed_is_written(self, console):
        mom = PersonFactory(name="Mom")
        data = form_at(console, f"{place_of(mom)}change/")
        Person.objects.update(photo="people/mom.webp")
        console.post(f"{place_of(mom)}change/", {**data, "name": "Mum"})
        mom.refresh_from_db()
        assert (mom.name, mom.photo.name) == ("Mum", "people/mom.webp")

    @pytest.mark.parametrize(
        ("typed", "field", "said"),
        [
            ({"name": " "}, "name", "This field is required."),
            ({"birthday": "2026-07-16"}, "birthday", "A birthday is not in the future."),
            ({"birthday": "0960-03-15"}, "birthday", "Choose a day from 1900 to 2199."),
            ({"anniversary": "9999-12-31"}, "anniversary", "Choose a day from 1900 to 2199."),
            ({"birthday": "2025-02-29"}, "birthday", "Enter a valid date."),
            ({"relationship": "boss"}, "relationship", "Select a valid choice."),
        ],
    )
    def test_refusals(self, console, typed, field, said):
        mom = PersonFactory(name="Mom")
        [told] = errors_of(change(console, mom, **typed))[field]
        assert told.startswith(said)

    def test_a_member_is_one_person_at_most(self, console):
        taken = PersonFactory(user=UserFactory(username="taken")).user
        free, gone = UserFactory(username="free"), UserFactory(username="gone", is_active=False)
        mom = PersonFactory(name="Mom")
        page = console.get(f"{place_of(mom)}change/").content.decode()
        assert f'<option value="{free.pk}">' in page
        assert f'<option value="{taken.pk}">' not in page
        assert f'<option value="{gone.pk}">' not in page
        assert "user" in errors_of(change(console, mom, user=str(taken.pk)))
        change(console, mom, user=str(free.pk))
        mom.refresh_from_db()
        assert mom.user == free

    def test_deleting_leads_to_the_page_that_says_what_goes(self, console):
        mom = PersonFactory()
        page = console.get(f"{place_of(mom)}change/").content.decode()
        assert f'href="/people/{mom.pk}/delete/"' in page
        assert f'href="/people/{mom.pk}/"' in page
        assert console.post(f"{place_of(mom)}delete/", {"post": "yes"}).status_code == 403
        assert Person.objects.exists()

    def test_the_log_tells_who_changed_it(self, console):
        mom = PersonFactory(name="Mom")
        change(console, mom, name="Mum")
        assert "Changed Name." in text_of(console.get(f"{place_of(mom)}history/").content.decode())

    def test_deleting_a_user_leaves_the_person(self):
        console = administrator(is_superuser=True)
        mom = PersonFactory(user=UserFactory())
        answer = console.post(f"/admin/people/user/{mom.user.pk}/delete/", {"post": "yes"})
        assert answer.status_code == 302
        mom.refresh_from_db()
        assert mom.user is None


class TestOccasions:
    def test_moving_and_renaming_keeps_budgets_and_gifts(self, console):
        card = CardFactory(recipient_budget=Decimal(200))
        gift = make_gift(card.occasion, card.person)
        answer = change(console, card.occasion, name="Yule", date="2026-12-24", budget_total="500")
        assert said_after(console, answer) == ["Yule is saved."]
        occasion = Occasion.objects.get()
        assert (occasion.date, occasion.since) == (date(2026, 12, 24), date(2026, 12, 24))
        assert occasion.budget_total == Decimal(500)
        assert stored(card)[0] == Decimal(200)
        assert occasion.gifts.get() == gift

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"budget_total": "-0.01"}, "budget_total"),
            ({"budget_total": "100000000"}, "budget_total"),
            ({"budget_total": "10.005"}, "budget_total"),
            ({"date": ""}, "date"),
            ({"date": "9999-12-31"}, "date"),
            ({"kind": "party"}, "kind"),
        ],
    )
    def test_refusals(self, console, typed, field):
        occasion = OccasionFactory(budget_total=Decimal(5))
        assert field in errors_of(change(console, occasion, **typed))
        assert Occasion.objects.get().budget_total == Decimal(5)

    def test_a_birthday_stays_one_and_is_kept_once_a_day(self, console):
        mom = PersonFactory()
        values = {"kind": "birthday", "celebrates": mom}
        OccasionFactory(date=date(2026, 3, 15), **values)
        second = OccasionFactory(date=date(2027, 3, 15), **values)
        assert "kind" not in form_at(console, f"{place_of(second)}change/")
        [said] = errors_of(change(console, second, date="2026-03-15"))["date"]
        assert said == "This is on the calendar already."
        assert change(console, second, date="2027-03-16", kind="other").status_code == 302
        second.refresh_from_db()
        assert (second.kind, second.date) == ("birthday", date(2027, 3, 16))

    def test_deleting_leads_to_the_page_that_says_what_goes(self, console):
        occasion = OccasionFactory()
        page = console.get(f"{place_of(occasion)}change/").content.decode()
        assert f'href="/occasions/{occasion.pk}/delete/"' in page
        assert console.post(f"{place_of(occasion)}delete/", {"post": "yes"}).status_code == 403


class TestGiftBudgets:
    def test_both_are_set_each_for_itself(self, console):
        card = CardFactory(person__name="Mom", recipient_budget=Decimal(200))
        said = said_after(console, change(console, card, purchaser_budget="75"))
        assert said == ["The budgets of Mom at Christmas are saved."]
        assert stored(card) == (Decimal(200), Decimal(75))
        change(console, card, recipient_budget="")
        assert stored(card) == (None, Decimal(75))
        change(console, card, recipient_budget="0")
        assert stored(card) == (Decimal(0), Decimal(75))

    def test_who_reads_an_old_page_undoes_nothing(self, console):
        card = CardFactory(recipient_budget=Decimal(200))
        path = f"{place_of(card)}change/"
        data = form_at(console, path)
        ann = {"card": card, "role": Role.RECIPIENT, "seen": Decimal(200)}
        planning.save_budget(amount=Decimal(300), **ann)
        console.post(path, {**data, "purchaser_budget": "80"})
        assert stored(card) == (Decimal(300), Decimal(80))
        answer = console.post(path, {**data, "recipient_budget": "250"})
        said = said_after(console, answer)[-1]
        assert said == "Nothing was changed: somebody else saved this budget meanwhile."
        assert stored(card) == (Decimal(300), Decimal(80))

    @pytest.mark.parametrize("text", ["-0.01", "abc", "10.005", "NaN", "1e30", "100000000"])
    def test_refusals_keep_the_old_value(self, console, text):
        card = CardFactory(recipient_budget=Decimal(200))
        answer = change(console, card, recipient_budget=text)
        assert "recipient_budget" in errors_of(answer)
        assert f'value="{text}"' in answer.content.decode()
        assert stored(card)[0] == Decimal(200)

    def test_who_gets_a_budget_gets_gifts(self, console):
        card = CardFactory(receives=False)
        change(console, card, recipient_budget="20")
        card.refresh_from_db()
        assert card.receives

    def test_it_is_headed_with_person_and_occasion_and_leads_to_the_card(self, console):
        card = CardFactory(person__name="Mom")
        page = console.get(f"{place_of(card)}change/").content.decode()
        assert "<h2>Mom at Christmas</h2>" in page
        assert f'href="/occasions/{card.occasion_id}/#card-{card.pk}"' in page

    def test_nobody_is_taken_off_a_list_here(self, console):
        card = CardFactory()
        assert console.post(f"{place_of(card)}delete/", {"post": "yes"}).status_code == 403


class TestGifts:
    @pytest.fixture
    def gift(self) -> Gift:
        mom = PersonFactory(name="Mom")
        return make_gift(OccasionFactory(), mom, title="Scarf", purchaser=PersonFactory(name="Sis"))

    def test_buying_it_fills_the_day(self, console, gift):
        answer = change(console, gift, status="purchased", paid_price="45.50")
        assert said_after(console, answer) == ["“Scarf” is saved."]
        gift.refresh_from_db()
        assert (gift.cost, gift.bought_on) == (Decimal("45.50"), TODAY)
        change(console, gift, status="selected")
        gift.refresh_from_db()
        assert gift.bought_on is None

    def test_what_its_purchase_cost_is_not_typed_over(self, console, gift):
        planning.record_paid(gift=gift, total=Decimal(100), on=TODAY)
        answer = change(console, gift, paid_price="12.00", title="Shawl")
        assert said_after(console, answer) == ["“Shawl” is saved."]
        gift.refresh_from_db()
        assert (gift.title, gift.paid_price, gift.cost) == ("Shawl", Decimal(100), Decimal(100))
        form = console.get(f"{place_of(gift)}change/").context["adminform"].form
        assert form.fields["paid_price"].disabled

    def test_another_recipient_is_put_on_the_list(self, console, gift):
        dad = PersonFactory(name="Dad")
        mom = gift.recipients.get()
        change(console, gift, recipients=[str(mom.pk), str(dad.pk)])
        assert set(gift.recipients.all()) == {mom, dad}
        assert gift.occasion.people.filter(pk=dad.pk).exists()

    def test_it_moves_to_another_occasion(self, console, gift):
        easter = OccasionFactory(name="Easter")
        change(console, gift, occasion=str(easter.pk))
        gift.refresh_from_db()
        assert gift.occasion == easter

    def test_an_unchanged_form_changes_nothing(self, console, gift):
        assert said_after(console, change(console, gift)) == ["Nothing was changed."]

    def test_only_what_was_changed_is_written(self, console, gift):
        data = form_at(console, f"{place_of(gift)}change/")
        planning.change_gift(gift=gift, values={"price": Decimal(5)}, recipients=None, today=TODAY)
        data |= {"price": "5.00", "title": "Shawl"}
        console.post(f"{place_of(gift)}change/", data)
        gift.refresh_from_db()
        assert (gift.title, gift.price) == ("Shawl", Decimal(5))

    def test_nobody_buys_what_is_for_themselves(self, console, gift):
        mom = gift.recipients.get()
        [said] = errors_of(change(console, gift, purchaser=str(mom.pk)))["purchaser"]
        assert said == "Nobody buys what is for themselves."

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"title": " "}, "title"),
            ({"recipients": []}, "recipients"),
            ({"recipients": ["999999"]}, "recipients"),
            ({"price": "-1"}, "price"),
            ({"price": "1.005"}, "price"),
            ({"paid_price": "100000000"}, "paid_price"),
            ({"quantity": "0"}, "quantity"),
            ({"quantity": "10000"}, "quantity"),
            ({"status": "lost"}, "status"),
            ({"link": "javascript:alert(1)"}, "link"),
        ],
    )
    def test_refusals(self, console, gift, typed, field):
        assert field in errors_of(change(console, gift, **typed))
        gift.refresh_from_db()
        assert gift.title == "Scarf"

    def test_deleting_asks_and_lists_nothing_else(self, console, gift):
        page = unescape(console.get(f"{place_of(gift)}delete/").content.decode())
        assert "Delete “Scarf”, for Mom at Christmas?" in page
        assert "Gift_recipients" not in page
        answer = console.post(f"{place_of(gift)}delete/", {"post": "yes"})
        assert said_after(console, answer) == ["“Scarf” is deleted."]
        assert not Gift.objects.exists()

    def test_many_are_not_deleted_at_once(self, console, gift):
        page = console.get("/admin/occasions/gift/").content.decode()
        assert "Download CSV" in page
        assert "delete_selected" not in page

    def test_the_log_keeps_silent(self, console, gift):
        change(console, gift, title="Shawl")
        console.post(f"{place_of(gift)}delete/", {"post": "yes"})
        change(console, CardFactory(), purchaser_budget="5")
        assert not LogEntry.objects.exists()


@pytest.mark.parametrize("model", ["people/person", "occasions/occasion", "occasions/gift"])
@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_what_is_not_there_is_not_found(console, model, page):
    # Nobody is told "you may not" of a row that is not there.
    status = 403 if page == "delete" and not model.endswith("gift") else 404
    assert console.get(f"/admin/{model}/999/{page}/").status_code in {status, 404}
    assert console.get(f"/admin/{model}/x/{page}/").status_code in {status, 404}


def test_no_key_of_a_row_leads_to_its_page(console):
    assert console.get("/admin/r/1/1/").status_code == 404
