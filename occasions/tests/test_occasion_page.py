"""The page of an occasion: where it stands, its cards, its list of people and its helpers."""

from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from occasions.models import Gift, Occasion, PersonOccasion
from occasions.tests.factories import (
    NOW,
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
def occasion() -> Occasion:
    return OccasionFactory()


@pytest.fixture
def member(client: Client) -> Client:
    client.force_login(UserFactory())
    return client


def page_of(client: Client, occasion: Occasion) -> str:
    answer = client.get(f"/occasions/{occasion.pk}/")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def put(occasion: Occasion, name: str, **values: object) -> PersonOccasion:
    return CardFactory(occasion=occasion, person__name=name, **values)


class TestWhereItStands:
    def test_bought_planned_and_left_of_a_budget(self, member):
        occasion = OccasionFactory(budget_total=Decimal(1000))
        mom = PersonFactory()
        make_gift(occasion, mom, price="450", status="purchased")
        make_gift(occasion, mom, price="300", status="selected")
        make_gift(occasion, mom, price="5000", status="idea")
        page = page_of(member, occasion)
        for said in ('$450.00<span class="note">45.0%', '$300.00<span class="note">30.0%'):
            assert said in page
        assert '$250.00<span class="note">25.0%' in page
        assert "Getting close" in page

    def test_over_by_in_words_and_without_a_percentage_of_nothing(self, member):
        occasion = OccasionFactory(budget_total=Decimal(0))
        make_gift(occasion, PersonFactory(), price="0.01")
        page = page_of(member, occasion)
        assert "Over by $0.01" in page
        figures = page.partition("<dl")[2].partition("</dl>")[0]
        assert "%" not in figures

    def test_peoples_budgets_may_be_more_than_the_occasions_and_it_says_so(self, member):
        occasion = OccasionFactory(budget_total=Decimal(500))
        for name, budget in (("Mom", 200), ("Dad", 150), ("Sis", 200)):
            put(occasion, name, recipient_budget=Decimal(budget))
        page = page_of(member, occasion)
        assert 'over-allocated by <span class="money">$50.00</span>' in page

    def test_exactly_the_budget_is_not_too_much(self, member):
        occasion = OccasionFactory(budget_total=Decimal(200))
        put(occasion, "Mom", recipient_budget=Decimal(200))
        assert "over-allocated" not in page_of(member, occasion)

    def test_leads_to_the_year_before_and_after(self, member):
        last = OccasionFactory(date=date(2025, 12, 25))
        this = OccasionFactory(previous=last)
        assert f'href="/occasions/{last.pk}/"' in page_of(member, this)
        assert f'href="/occasions/{this.pk}/"' in page_of(member, last)

    def test_another_address_is_not_found(self, member):
        assert member.get("/occasions/999/").status_code == 404

    @pytest.mark.parametrize(
        ("moment", "said"),
        [
            ("2026-12-24T09:00:00Z", "tomorrow"),
            ("2026-12-25T09:00:00Z", "today"),
            ("2026-12-26T09:00:00Z", "yesterday"),
        ],
    )
    def test_the_day_is_that_of_whoever_looks(self, client, occasion, time_machine, moment, said):
        time_machine.move_to(moment)
        client.force_login(UserFactory())
        assert f"Dec 25, 2026, {said}" in page_of(client, occasion)

    @pytest.mark.parametrize(
        ("zone", "said"), [("Pacific/Kiritimati", "today"), ("Pacific/Honolulu", "tomorrow")]
    )
    def test_east_and_west_of_greenwich(self, client, occasion, time_machine, zone, said):
        time_machine.move_to("2026-12-24T20:00:00Z")
        client.force_login(UserFactory(timezone=zone))
        assert f"Dec 25, 2026, {said}" in page_of(client, occasion)


class TestCards:
    def test_everybody_on_the_list_has_one_also_without_a_budget(self, member, occasion):
        put(occasion, "Mom", recipient_budget=Decimal(200))
        put(occasion, "Dad")
        page = page_of(member, occasion)
        assert page.count('class="card person-card"') == 2
        assert 'value="200.00" placeholder="No limit"' in page

    def test_the_story_of_one_budget(self, member, occasion):
        mom = put(occasion, "Mom", recipient_budget=Decimal(200))
        scarf = make_gift(occasion, mom.person, price="50.00")
        assert "Bought $0.00 of $200.00, $50.00 planned, $150.00 left" in page_of(member, occasion)
        make_gift(occasion, mom.person, price="75.00")
        assert '$125.00 planned, $75.00 left <span class="muted">(62.5%)' in page_of(
            member, occasion
        )
        Gift.objects.filter(pk=scarf.pk).update(status="purchased", bought_on=NOW.date())
        page = page_of(member, occasion)
        assert "Bought $50.00 of $200.00, $75.00 planned, $75.00 left" in page
        assert '<rect class="fill" width="25.00%"' in page
        assert '<rect class="held" x="25.00%" width="37.50%"' in page

    def test_a_gift_without_a_price_counts_one_and_is_marked(self, member, occasion):
        mom = put(occasion, "Mom")
        make_gift(occasion, mom.person, price=None)
        page = page_of(member, occasion)
        assert "1 without a price" in page
        assert "no price" in page

    def test_shares_of_one_gift(self, member, occasion):
        mom, dad = put(occasion, "Mom"), put(occasion, "Dad")
        make_gift(occasion, mom.person, dad.person, price="100.01")
        page = page_of(member, occasion)
        assert '<span class="money">$50.01</span>' in page
        assert '<span class="money">$50.00</span>' in page
        assert "share of $100.01, with Dad" in page
        assert '<dd class="money">$100.01' in page

    def test_what_somebody_is_to_buy_stands_on_their_card(self, member, occasion):
        dad = put(occasion, "Dad", receives=False, purchaser_budget=Decimal(100))
        mom = put(occasion, "Mom")
        gift = make_gift(occasion, mom.person, price="40.25", purchaser=dad.person)
        assert "Bought $0.00 of $100.00, $40.25 planned, $59.75 left" in page_of(member, occasion)
        Gift.objects.filter(pk=gift.pk).update(status="purchased", bought_on=NOW.date())
        assert 'Bought $40.25 of $100.00, $59.75 left <span class="muted">(40.25%)' in page_of(
            member, occasion
        )

    def test_names_are_never_markup(self, member, occasion):
        mom = put(occasion, "<b>Mom</b>")
        make_gift(occasion, mom.person, title="<i>Scarf</i>")
        raw = member.get(f"/occasions/{occasion.pk}/").content.decode()
        assert "<b>Mom" not in raw
        assert "<i>Scarf" not in raw

    def test_an_empty_list_asks_for_people(self, member, occasion):
        assert "Nobody is in your household’s list yet." in page_of(member, occasion)
        PersonFactory(name="Mom")
        page = page_of(member, occasion)
        assert 'id="choose-people" open' in page
        assert "Mom" in page

    @pytest.mark.parametrize("surprised", [True, False])
    def test_the_same_queries_with_thirty_people_as_with_three(self, client, occasion, surprised):
        user = UserFactory()
        if surprised:
            CardFactory(occasion=occasion, person__user=user)
        client.force_login(user)

        def fill(people: int, gifts: int) -> None:
            rows = [CardFactory(occasion=occasion).person for _ in range(people)]
            for number in range(gifts):
                two = rows[number % people], rows[(number + 1) % people]
                make_gift(occasion, *two, purchaser=rows[(number + 2) % people])

        fill(3, 3)
        page_of(client, occasion)
        with CaptureQueriesContext(connection) as few:
            page_of(client, occasion)
        fill(27, 147)
        with CaptureQueriesContext(connection) as many:
            page_of(client, occasion)
        assert len(many) == len(few) <= 15


class TestQuickAdd:
    def add(self, client: Client, card: PersonOccasion, **data: str):
        path = f"/occasions/{card.occasion_id}/people/{card.person_id}/gifts/"
        return client.post(path, data)

    def test_title_and_price_are_enough(self, member, occasion):
        mom = put(occasion, "Mom")
        answer = self.add(member, mom, title="Scarf", price="49.90")
        assert answer["Location"] == f"/occasions/{occasion.pk}/"
        gift = Gift.objects.get()
        assert (gift.title, gift.price, gift.status) == ("Scarf", Decimal("49.90"), "idea")
        assert list(gift.recipients.all()) == [mom.person]

    def test_a_title_alone_is_enough(self, member, occasion):
        self.add(member, put(occasion, "Mom"), title="Scarf")
        assert Gift.objects.get().price is None

    def test_a_refusal_keeps_what_was_typed_on_that_card_alone(self, member, occasion):
        mom, _ = put(occasion, "Mom"), put(occasion, "Dad")
        answer = self.add(member, mom, title="Scarf", price="cheap")
        page = answer.content.decode()
        assert answer.status_code == 422
        assert page.count('value="Scarf"') == 1
        assert page.count('value="cheap"') == 1
        assert "Enter an amount like 12.50." in page
        assert not Gift.objects.exists()

    def test_without_a_title_there_is_no_gift(self, member, occasion):
        answer = self.add(member, put(occasion, "Mom"), title=" ")
        assert answer.status_code == 422
        assert "Say what it is." in answer.content.decode()

    def test_opening_the_address_leads_to_the_card(self, member, occasion):
        mom = put(occasion, "Mom")
        answer = member.get(f"/occasions/{occasion.pk}/people/{mom.person_id}/gifts/")
        assert answer["Location"].endswith(f"#card-{mom.pk}")

    def test_nobody_adds_their_own_surprise(self, client, occasion):
        own = CardFactory(occasion=occasion, person__user=UserFactory())
        client.force_login(own.person.user)
        assert self.add(client, own, title="Scarf").status_code == 404


def told(answer: HttpResponse) -> str:
    """Return what a question carries along, so that it is answered as it was asked."""
    return answer.content.decode().partition('name="confirmed" value="')[2].partition('"')[0]


class TestTheList:
    def choose(self, client: Client, occasion: Occasion, chosen, shown, **data: str):
        keys = {
            "people": [person.pk for person in chosen],
            "shown": [person.pk for person in shown],
        }
        return client.post(f"/occasions/{occasion.pk}/people/", {**keys, **data})

    @pytest.fixture
    def family(self, occasion) -> list[Person]:
        mom = put(occasion, "Mom", recipient_budget=Decimal(200), purchaser_budget=Decimal(50))
        dad = put(occasion, "Dad", recipient_budget=Decimal(100))
        return [mom.person, dad.person]

    def budgets(self, occasion: Occasion) -> dict[str, tuple[Decimal | None, Decimal | None]]:
        return {card.person.name: stored(card) for card in occasion.links.select_related("person")}

    def test_saving_it_again_with_or_without_sis_keeps_those_who_stay(
        self, member, occasion, family
    ):
        kept = {"Mom": (Decimal(200), Decimal(50)), "Dad": (Decimal(100), None)}
        sis = PersonFactory(name="Sis")
        self.choose(member, occasion, family, family)
        assert self.budgets(occasion) == kept
        self.choose(member, occasion, [*family, sis], family)
        assert self.budgets(occasion) == {**kept, "Sis": (None, None)}
        self.choose(member, occasion, family, [*family, sis])
        assert self.budgets(occasion) == kept

    def test_choosing_somebody_twice_leaves_one_link(self, member, occasion, family):
        self.choose(member, occasion, family, [])
        assert occasion.links.count() == 2

    def test_somebody_added_meanwhile_is_not_lost(self, member, occasion, family):
        put(occasion, "Sis")
        self.choose(member, occasion, family, family)
        assert set(self.budgets(occasion)) == {"Mom", "Dad", "Sis"}

    def test_taking_off_who_has_a_budget_asks_first(self, member, occasion, family):
        _, dad = family
        asked = self.choose(member, occasion, [dad], family)
        page = unescape(asked.content.decode())
        assert asked.status_code == 200
        assert "Take Mom off the list?" in page
        assert "of $200.00 goes" in page
        assert set(self.budgets(occasion)) == {"Mom", "Dad"}
        self.choose(member, occasion, [dad], family, confirmed=told(asked))
        assert self.budgets(occasion) == {"Dad": (Decimal(100), None)}

    def test_the_question_says_which_gifts_go_and_which_stay(self, member, occasion, family):
        mom, dad = family
        make_gift(occasion, mom, title="Scarf")
        make_gift(occasion, mom, dad, title="Board game")
        make_gift(occasion, dad, title="Socks", purchaser=mom)
        page = unescape(self.choose(member, occasion, [dad], family).content.decode())
        assert "The gift “Scarf” goes." in page
        assert "“Board game” stays with Dad." in page
        assert "1 gift to buy here: nobody buys it then." in page

    def test_whoever_has_nothing_there_is_not_asked_about(self, member, occasion):
        sis = put(occasion, "Sis").person
        assert self.choose(member, occasion, [], [sis]).status_code == 302
        assert not occasion.links.exists()

    def test_somebody_unknown_is_refused(self, member, occasion, family):
        answer = member.post(f"/occasions/{occasion.pk}/people/", {"people": ["999"]})
        assert answer.status_code == 422
        assert occasion.links.count() == 2

    def test_the_address_is_a_page_of_its_own(self, member, occasion, family):
        answer = member.get(f"/occasions/{occasion.pk}/people/")
        assert answer.status_code == 200
        assert 'id="choose-people" open' in answer.content.decode()

    def test_one_person_is_taken_off_after_a_question(self, member, occasion, family):
        path = f"/occasions/{occasion.pk}/people/{family[0].pk}/remove/"
        assert "Take Mom off the list?" in member.get(path).content.decode()
        asked = member.post(path)
        assert asked.status_code == 200
        assert occasion.links.count() == 2
        assert member.post(path, {"confirmed": told(asked)}).status_code == 302
        assert set(self.budgets(occasion)) == {"Dad"}

    def test_what_came_after_the_question_is_asked_about_again(self, member, occasion, family):
        path = f"/occasions/{occasion.pk}/people/{family[0].pk}/remove/"
        asked = member.get(path)
        make_gift(occasion, family[0], title="Scarf")
        again = member.post(path, {"confirmed": told(asked)})
        assert "The gift “Scarf” goes." in unescape(again.content.decode())
        assert Gift.objects.exists()
        member.post(path, {"confirmed": told(again)})
        assert not Gift.objects.exists()

    def test_somebody_deleted_meanwhile_is_no_reason_to_refuse(self, member, occasion, family):
        shown = [*family, PersonFactory(name="Gone")]
        shown[-1].delete()
        shown[-1].pk = 999
        assert self.choose(member, occasion, family, shown).status_code == 302
        assert set(self.budgets(occasion)) == {"Mom", "Dad"}

    def test_who_only_gives_is_made_to_receive(self, member, occasion):
        giver = put(occasion, "Leo", receives=False)
        page = page_of(member, occasion)
        assert "Gets a gift here too" in page
        member.post(f"/occasions/{occasion.pk}/people/{giver.person_id}/receives/")
        giver.refresh_from_db()
        assert giver.receives
        assert "Gets a gift here too" not in page_of(member, occasion)

    def test_opening_that_address_changes_nothing(self, member, occasion):
        giver = put(occasion, "Leo", receives=False)
        path = f"/occasions/{occasion.pk}/people/{giver.person_id}/receives/"
        assert member.get(path)["Location"].endswith(f"#card-{giver.pk}")
        giver.refresh_from_db()
        assert not giver.receives


class TestHelpers:
    def help(self, client: Client, occasion: Occasion, helper: str, **data: str):
        return client.post(f"/occasions/{occasion.pk}/budgets/", {"helper": helper, **data})

    def test_last_years_budgets_fill_what_is_empty(self, member):
        last = OccasionFactory(date=date(2025, 12, 25), budget_total=Decimal(900))
        this = OccasionFactory(previous=last)
        mom = put(last, "Mom", recipient_budget=Decimal(180), purchaser_budget=Decimal(40)).person
        dad = put(last, "Dad", recipient_budget=Decimal(90)).person
        new = CardFactory(occasion=this, person=mom)
        kept = CardFactory(occasion=this, person=dad, recipient_budget=Decimal(100))
        self.help(member, this, "copy")
        assert stored(new) == (Decimal(180), Decimal(40))
        assert stored(kept) == (Decimal(100), None)
        this.refresh_from_db()
        assert this.budget_total == Decimal(900)

    def test_the_total_is_split_to_the_cent(self, member):
        occasion = OccasionFactory(budget_total=Decimal(100))
        cards = [put(occasion, name) for name in ("Ann", "Ben", "Cid")]
        giver = put(occasion, "Leo", receives=False)
        self.help(member, occasion, "split")
        assert [stored(card)[0] for card in cards] == [
            Decimal("33.34"),
            Decimal("33.33"),
            Decimal("33.33"),
        ]
        assert stored(giver) == (None, None)

    def test_one_amount_for_all(self, member, occasion):
        cards = [put(occasion, "Ann"), put(occasion, "Ben", recipient_budget=Decimal(5))]
        self.help(member, occasion, "all", amount="25")
        assert [stored(card)[0] for card in cards] == [Decimal(25), Decimal(25)]

    @pytest.mark.parametrize("amount", ["", "abc", "-1", "10.005"])
    def test_an_amount_that_is_none_is_refused_with_the_text_kept(self, member, occasion, amount):
        card = put(occasion, "Ann")
        answer = self.help(member, occasion, "all", amount=amount)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert 'id="share-out" open' in page
        assert f'value="{amount}"' in page or not amount
        assert stored(card) == (None, None)

    def test_without_a_budget_there_is_nothing_to_split(self, member, occasion):
        put(occasion, "Ann")
        assert "Split the budget equally" not in page_of(member, occasion)
        assert self.help(member, occasion, "split").status_code == 422

    def test_opening_the_address_leads_to_the_occasion(self, member, occasion):
        answer = member.get(f"/occasions/{occasion.pk}/budgets/")
        assert answer["Location"] == f"/occasions/{occasion.pk}/"

    def test_ones_own_surprise_is_left_alone(self, client):
        last = OccasionFactory(date=date(2025, 12, 25))
        occasion = OccasionFactory(budget_total=Decimal(100), previous=last)
        own = CardFactory(occasion=occasion, person__user=UserFactory(), person__name="Zoe")
        CardFactory(occasion=last, person=own.person, recipient_budget=Decimal(77))
        other = put(occasion, "Ann")
        client.force_login(own.person.user)
        for helper in ("copy", "split", "all"):
            self.help(client, occasion, helper, amount="5")
            assert stored(own)[0] is None
        self.help(client, occasion, "split")
        assert stored(other)[0] == Decimal(50)


class TestSurprises:
    """What somebody sees of an occasion where they receive."""

    @pytest.fixture
    def occasion(self) -> Occasion:
        return OccasionFactory(budget_total=Decimal(100))

    @pytest.fixture
    def own(self, occasion) -> PersonOccasion:
        return CardFactory(occasion=occasion, person__user=UserFactory(), person__name="Zoe")

    @pytest.fixture
    def recipient(self, own, client) -> Client:
        client.force_login(own.person.user)
        return client

    def surprise(self, own: PersonOccasion, *, by: Person) -> None:
        PersonOccasion.objects.filter(pk=own.pk).update(recipient_budget=Decimal("777.77"))
        make_gift(own.occasion, own.person, title="Canary", price="88.80", purchaser=by)
        make_gift(own.occasion, own.person, PersonFactory(), title="Canary", price="55.50")

    def test_the_page_is_the_same_with_and_without_a_surprise(self, recipient, own, occasion):
        sis = put(occasion, "Sis", purchaser_budget=Decimal(60)).person
        make_gift(occasion, sis, price="30.00", purchaser=own.person)
        late = PersonFactory(name="Late")
        CardFactory(occasion=occasion, person=late)

        def look() -> str:
            page = page_of(recipient, occasion)
            return "\n".join(line for line in page.splitlines() if "csrf" not in line)

        before = look()
        PersonOccasion.objects.filter(pk=own.pk).update(recipient_budget=Decimal("777.77"))
        make_gift(occasion, own.person, title="Canary", price="88.80", purchaser=sis)
        make_gift(occasion, own.person, late, title="Canary", price="55.50")
        assert look() == before

    def test_neither_left_nor_percent_nor_the_budgets_of_buyers(self, recipient, own, occasion):
        sis = put(occasion, "Sis", purchaser_budget=Decimal("61.61")).person
        make_gift(occasion, sis, price="30.00", purchaser=own.person)
        page = page_of(recipient, occasion)
        assert "Gifts that are not for you" in page
        assert "Left" not in page
        assert "61.61" not in page
        assert "By Zoe" in page
        assert "By Sis" not in page
        assert "a surprise until December 25" in page

    def test_over_allocation_is_not_told(self, recipient, own, occasion):
        put(occasion, "Sis", recipient_budget=Decimal(500))
        assert "over-allocated" not in page_of(recipient, occasion)

    def test_when_the_day_has_passed_everything_is_told(self, recipient, own, time_machine):
        self.surprise(own, by=PersonFactory())
        time_machine.move_to("2026-12-26T12:00:00Z")
        recipient.force_login(own.person.user)
        page = page_of(recipient, own.occasion)
        assert "Canary" in page
        assert "777.77" in page
        assert "All gifts together" in page

    def test_nobody_leaves_a_list_on_which_they_receive(self, recipient, own, occasion):
        UserFactory()
        path = f"/occasions/{occasion.pk}/people/{own.person_id}/"
        assert recipient.post(f"{path}remove/", {"confirmed": "yes"}).status_code == 403
        keys = {"people": [], "shown": [own.person_id], "confirmed": "yes"}
        assert recipient.post(f"/occasions/{occasion.pk}/people/", keys).status_code == 302
        assert occasion.links.filter(person=own.person, receives=True).exists()

    def test_whoever_is_surprised_is_asked_about_everybody(self, recipient, own, occasion):
        sis = put(occasion, "Sis").person
        path = f"/occasions/{occasion.pk}/people/{sis.pk}/remove/"
        assert recipient.post(path).status_code == 200
        assert occasion.links.filter(person=sis).exists()

    def test_a_budget_for_their_gifts_alone_is_kept_from_them(self, recipient, own, occasion):
        Occasion.objects.filter(pk=occasion.pk).update(budget_total=Decimal("777.77"))
        change = f"/occasions/{occasion.pk}/change/"
        path = f"/occasions/{occasion.pk}/budgets/"
        for page in (page_of(recipient, occasion), recipient.get(change).content.decode()):
            assert "777.77" not in page
        assert "Split the budget equally" not in page_of(recipient, occasion)
        assert recipient.post(path, {"helper": "split"}).status_code == 422
        recipient.post(change, {"name": "Ours", "kind": "other", "budget_total": "1"})
        occasion.refresh_from_db()
        assert occasion.budget_total == Decimal("777.77")

    def test_a_budget_for_everybody_is_theirs_to_split(self, recipient, own, occasion):
        put(occasion, "Sis")
        page = page_of(recipient, occasion)
        assert "$100.00" not in page
        assert "Split the budget equally" in page

    def test_taking_somebody_off_says_that_what_is_kept_goes_too(self, recipient, own, occasion):
        sis = put(occasion, "Sis", purchaser_budget=Decimal(60)).person
        page = recipient.get(f"/occasions/{occasion.pk}/people/{sis.pk}/remove/").content.decode()
        assert "What is kept from you goes with them too" in page
        assert "Nothing else changes." not in page

    def test_who_only_gives_sees_it_all(self, client, occasion):
        giver = CardFactory(occasion=occasion, person__user=UserFactory(), receives=False)
        put(occasion, "Mom", recipient_budget=Decimal(200))
        client.force_login(giver.person.user)
        page = page_of(client, occasion)
        assert "All gifts together" in page
        assert "over-allocated by" in page
