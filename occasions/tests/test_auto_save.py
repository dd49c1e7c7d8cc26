"""One budget field of a card, as it saves itself and as a plain form saves it."""

from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from occasions import planning
from occasions.models import Occasion, PersonOccasion, Role
from occasions.tests.factories import (
    NOW,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
    stored,
)
from people.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

LARGEST = Decimal("99999999.99")


@pytest.fixture
def occasion() -> Occasion:
    return OccasionFactory()


@pytest.fixture
def mom(occasion: Occasion) -> PersonOccasion:
    return CardFactory(
        occasion=occasion,
        person__name="Mom",
        recipient_budget=Decimal(200),
        purchaser_budget=Decimal(50),
    )


@pytest.fixture
def member(client: Client) -> Client:
    client.force_login(UserFactory())
    return client


def address(card: PersonOccasion) -> str:
    return f"/occasions/{card.occasion_id}/people/{card.person_id}/"


def save(client: Client, card: PersonOccasion, *, htmx: bool = True, **fields: str):
    """Send fields of a card, each with the value that it was read at unless given."""
    data = dict(fields)
    for role in Role:
        if role.field in fields and f"{role.field}_seen" not in fields:
            amount = card.budget(role)
            data[f"{role.field}_seen"] = "" if amount is None else f"{amount:.2f}"
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(address(card), data, headers=headers)


class TestSaving:
    def test_recipient_and_purchaser_budget_stand_side_by_side(self, member, mom):
        PersonOccasion.objects.update(recipient_budget=None, purchaser_budget=None)
        mom.refresh_from_db()
        assert save(member, mom, recipient_budget="200").status_code == 200
        assert save(member, mom, purchaser_budget="75").status_code == 200
        assert stored(mom) == (Decimal(200), Decimal(75))

    def test_one_field_leaves_the_other_alone(self, member, mom):
        save(member, mom, recipient_budget="250")
        assert stored(mom) == (Decimal(250), Decimal(50))

    def test_blank_is_no_limit_and_the_bar_gives_way_to_plain_totals(self, member, mom):
        make_gift(mom.occasion, mom.person, price="75")
        before = save(member, mom, recipient_budget="210").content.decode()
        assert '<svg class="meter' in before
        mom.refresh_from_db()
        answer = save(member, mom, recipient_budget="", purchaser_budget="").content.decode()
        assert stored(mom) == (None, None)
        assert '<svg class="meter' not in answer
        assert "Bought $0.00, $75.00 planned" in answer

    def test_zero_is_a_budget_apart_from_no_limit(self, member, mom):
        answer = save(member, mom, recipient_budget="0").content.decode()
        assert stored(mom)[0] == Decimal(0)
        assert "Bought $0.00 of $0.00, nothing left" in answer
        page = member.get(f"/occasions/{mom.occasion_id}/").content.decode()
        assert 'value="0.00" placeholder="No limit"' in page

    @pytest.mark.parametrize(
        ("text", "amount"),
        [
            ("99,999,999.99", LARGEST),
            ("99999999.99", LARGEST),
            ("1,200", Decimal(1200)),
            (" 12.5 ", Decimal("12.50")),
            ("0.01", Decimal("0.01")),
        ],
    )
    def test_amounts_as_people_type_them(self, member, mom, text, amount):
        assert save(member, mom, recipient_budget=text).status_code == 200
        assert stored(mom)[0] == amount

    @pytest.mark.parametrize(
        "text",
        ["-0.01", "abc", "10.005", "NaN", "Infinity", "1e30", "100,000,000", "1.234,56", "1,20"],
    )
    @pytest.mark.parametrize("htmx", [True, False])
    def test_what_is_no_amount_is_refused_with_the_old_value_kept(self, member, mom, text, htmx):
        answer = save(member, mom, recipient_budget=text, htmx=htmx)
        assert answer.status_code == 422
        assert "Not saved:" in answer.content.decode()
        assert stored(mom) == (Decimal(200), Decimal(50))

    def test_an_unchanged_value_writes_nothing(self, member, mom):
        with CaptureQueriesContext(connection) as queries:
            assert save(member, mom, recipient_budget="200").status_code == 200
        assert [query for query in queries if query["sql"].startswith(("UPDATE", "INSERT"))] == []

    def test_a_budget_for_gifts_to_somebody_who_only_gave_makes_them_receive(self, member, mom):
        giver = CardFactory(occasion=mom.occasion, receives=False)
        save(member, giver, recipient_budget="20")
        giver.refresh_from_db()
        assert giver.receives


class TestTheAnswer:
    def test_holds_that_card_alone(self, member, mom):
        other = CardFactory(occasion=mom.occasion, person__name="Dad")
        answer = save(member, mom, recipient_budget="250").content.decode()
        assert f'id="card-{mom.pk}-figures"' in answer
        assert f"card-{other.pk}" not in answer
        assert "Dad" not in answer
        assert "<html" not in answer

    def test_names_person_and_role(self, member, mom):
        answer = save(member, mom, purchaser_budget="60").content.decode()
        assert "Gifts by Mom: " in answer
        assert "Saved" in answer

    def test_carries_the_value_that_is_stored_now(self, member, mom):
        answer = save(member, mom, recipient_budget="1,250").content.decode()
        assert (
            f'id="card-{mom.pk}-recipient-seen" name="recipient_budget_seen" value="1250.00"'
            in answer
        )

    def test_tells_the_page_that_a_budget_was_saved_and_nothing_when_refused(self, member, mom):
        assert save(member, mom, recipient_budget="1")["HX-Trigger"] == "budget-saved"
        assert "HX-Trigger" not in save(member, mom, recipient_budget="x")


class TestTwoPeople:
    def test_two_different_fields_never_conflict(self, member, mom):
        assert save(member, mom, recipient_budget="300").status_code == 200
        # Ben's page is older: it was drawn before Ann saved.
        assert save(member, mom, purchaser_budget="80").status_code == 200
        assert stored(mom) == (Decimal(300), Decimal(80))

    @pytest.mark.parametrize("htmx", [True, False])
    def test_the_second_to_save_the_same_field_is_told_both_values(self, member, mom, htmx):
        save(member, mom, recipient_budget="300")
        answer = save(member, mom, recipient_budget="250", htmx=htmx)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "meanwhile somebody else saved $300.00." in page
        assert "Keep mine" in page
        assert "Take theirs" in page
        assert 'name="recipient_budget_seen" value="300.00"' in page
        assert stored(mom)[0] == Decimal(300)
        if not htmx:
            assert 'value="250"' in page

    def test_keeping_mine_is_saving_from_what_is_stored_now(self, member, mom):
        save(member, mom, recipient_budget="300")
        kept = save(member, mom, recipient_budget="250", recipient_budget_seen="300.00")
        assert kept.status_code == 200
        assert stored(mom)[0] == Decimal(250)

    def test_saving_what_somebody_else_saved_is_no_conflict(self, member, mom):
        save(member, mom, recipient_budget="300")
        assert save(member, mom, recipient_budget="300").status_code == 200

    def test_sent_as_it_was_read_it_takes_what_somebody_else_saved(self, member, mom):
        planning.save_budget(card=mom, role=Role.RECIPIENT, amount=Decimal(300), seen=Decimal(200))
        answer = save(member, mom, recipient_budget="200").content.decode()
        assert "Saved" not in answer
        assert 'name="recipient_budget_seen" value="300.00"' in answer
        assert stored(mom)[0] == Decimal(300)

    def test_a_blank_saved_meanwhile_reads_as_no_limit(self, member, mom):
        planning.save_budget(card=mom, role=Role.RECIPIENT, amount=None, seen=Decimal(200))
        answer = save(member, mom, recipient_budget="250")
        assert answer.status_code == 409
        assert "somebody else saved no limit." in answer.content.decode()

    def test_a_refused_text_does_not_forget_what_it_was_read_at(self, member, mom):
        save(member, mom, recipient_budget="300")
        refused = save(member, mom, recipient_budget="x", recipient_budget_seen="200.00")
        assert 'name="recipient_budget_seen" value="200.00"' in refused.content.decode()


class TestLeaving:
    def test_what_is_not_saved_is_told_on_the_next_page(self, member, mom):
        answer = save(member, mom, htmx=False, recipient_budget="a lot", leaving="yes")
        assert answer.status_code == 204
        page = unescape(member.get("/account/").content.decode())
        assert "Gifts for Mom: “a lot” is not saved: Enter an amount like 12.50." in page

    def test_what_is_saved_needs_no_words(self, member, mom):
        save(member, mom, htmx=False, recipient_budget="210", leaving="yes")
        assert stored(mom)[0] == Decimal(210)
        assert "is not saved" not in member.get("/account/").content.decode()


class TestThePlainForm:
    def test_saves_both_fields_and_comes_back_to_the_page_it_stood_on(self, member, mom):
        here = f"/people/{mom.person_id}/budgets/?past=1"
        answer = save(
            member, mom, htmx=False, recipient_budget="1", purchaser_budget="2", next=here
        )
        assert (answer.status_code, answer["Location"]) == (302, here)
        assert stored(mom) == (Decimal(1), Decimal(2))

    @pytest.mark.parametrize(
        "next_", ["https://example.com/", "//example.com", "", "javascript:x", "x"]
    )
    def test_leads_nowhere_else(self, member, mom, next_):
        answer = save(member, mom, htmx=False, recipient_budget="1", next=next_)
        assert answer["Location"] == f"/occasions/{mom.occasion_id}/"

    def test_a_refused_one_remembers_where_it_came_from(self, member, mom):
        here = f"/people/{mom.person_id}/budgets/"
        answer = save(member, mom, htmx=False, recipient_budget="x", next=here)
        assert f'name="next" value="{here}"' in answer.content.decode()

    def test_saves_what_is_right_beside_what_is_refused(self, member, mom):
        answer = save(member, mom, htmx=False, recipient_budget="abc", purchaser_budget="60")
        assert answer.status_code == 422
        assert 'value="abc"' in answer.content.decode()
        assert stored(mom) == (Decimal(200), Decimal(60))


class TestWhatIsNotThere:
    def test_an_unlinked_pair_is_not_found(self, member, mom):
        stranger = PersonFactory()
        path = f"/occasions/{mom.occasion_id}/people/{stranger.pk}/"
        assert member.get(path).status_code == 404
        assert member.post(path, {"recipient_budget": "1"}).status_code == 404

    def test_a_linked_pair_leads_to_its_card(self, member, mom):
        answer = member.get(address(mom))
        assert answer["Location"] == f"/occasions/{mom.occasion_id}/#card-{mom.pk}"

    def test_nothing_to_save_is_not_found(self, member, mom):
        assert member.post(address(mom), {"other": "1"}).status_code == 404

    def test_only_get_and_post_are_answered(self, member, mom):
        assert member.delete(address(mom)).status_code == 405

    def test_a_tampered_value_to_compare_with_is_refused(self, member, mom):
        answer = save(member, mom, recipient_budget="1", recipient_budget_seen="x")
        assert answer.status_code == 422
        assert stored(mom)[0] == Decimal(200)


class TestSurprises:
    @pytest.fixture
    def own(self, occasion) -> PersonOccasion:
        return CardFactory(
            occasion=occasion,
            person__user=UserFactory(),
            recipient_budget=Decimal("77.70"),
            purchaser_budget=Decimal(40),
        )

    @pytest.fixture
    def recipient(self, own, client) -> Client:
        client.force_login(own.person.user)
        return client

    def test_ones_own_recipient_budget_is_neither_read_nor_written(self, recipient, own):
        assert save(recipient, own, recipient_budget="1").status_code == 404
        assert stored(own)[0] == Decimal("77.70")

    def test_ones_own_buying_is_ones_own(self, recipient, own):
        assert save(recipient, own, purchaser_budget="45").status_code == 200
        assert stored(own) == (Decimal("77.70"), Decimal(45))

    def test_of_others_only_what_is_for_them(self, recipient, own, mom):
        assert save(recipient, mom, purchaser_budget="45").status_code == 404
        assert save(recipient, mom, recipient_budget="210").status_code == 200
        assert stored(mom) == (Decimal(210), Decimal(50))

    def test_the_answer_leaves_out_gifts_shared_with_whoever_looks(self, recipient, own, mom):
        make_gift(own.occasion, own.person, mom.person, price="60.00")
        make_gift(own.occasion, mom.person, price="10.00", purchaser=own.person)
        answer = save(recipient, mom, recipient_budget="210").content.decode()
        assert "Bought $0.00 of $210.00, $10.00 planned, $200.00 left" in answer

    def test_once_the_day_has_passed_everything_is_open(self, recipient, own, time_machine):
        time_machine.move_to("2026-12-26T12:00:00Z")
        recipient.force_login(own.person.user)
        assert save(recipient, own, recipient_budget="1").status_code == 200
