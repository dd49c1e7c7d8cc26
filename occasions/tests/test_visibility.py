"""Surprises: what a member may see is the same with and without presents for them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from occasions import access, cards, planning
from occasions.cards import Card
from occasions.figures import Spending
from occasions.models import Gift, Occasion, PersonOccasion, Role, Viewer
from occasions.summaries import Summary, summarise
from occasions.tests.factories import (
    CHRISTMAS,
    NOW,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
    viewer_of,
)
from people.models import Person, User
from people.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

Status = Gift.Status
DAY = timedelta(days=1)
LAST_CHRISTMAS = CHRISTMAS.replace(year=2025)


def member(name: str, **values: Any) -> Person:
    return PersonFactory(name=name, user=UserFactory(**values))


@pytest.fixture
def ann() -> Person:
    return member("Ann")


@pytest.fixture
def ben() -> Person:
    return member("Ben")


@pytest.fixture
def mom() -> Person:
    return PersonFactory(name="Mom")


@pytest.fixture
def christmas(ann: Person, ben: Person, mom: Person) -> Occasion:
    """Ann, Ben and Mom receive gifts."""
    occasion = OccasionFactory(budget_total=Decimal(1000))
    for person in (ann, ben, mom):
        CardFactory(occasion=occasion, person=person)
    return occasion


def seen(person: Person | None, now: datetime = NOW) -> set[str]:
    """Return the titles of the gifts that somebody may see."""
    user = UserFactory() if person is None else person.user
    return {gift.title for gift in Gift.objects.visible_to(viewer_of(user, now=now))}


def cards_of(occasion: Occasion, viewer: Viewer) -> dict[str, Card]:
    return {card.person.name: card for card in cards.of_occasion(occasion, viewer)}


def summary_of(occasion: Occasion, viewer: Viewer) -> Summary:
    [summary] = summarise([occasion], viewer)
    return summary


class TestGifts:
    @pytest.mark.parametrize("status", list(Status))
    def test_for_oneself_are_hidden_whatever_their_state(self, christmas, ann, ben, status):
        make_gift(christmas, ann, title="For Ann", status=status)
        assert seen(ann) == set()
        assert seen(ben) == {"For Ann"}

    def test_for_others_are_seen(self, christmas, ann, mom):
        make_gift(christmas, mom, title="For Mom")
        assert seen(ann) == {"For Mom"}

    def test_that_one_shares_are_hidden_as_a_whole_from_each_who_receives(
        self, christmas, ann, ben, mom
    ):
        make_gift(christmas, ann, ben, mom, title="For three")
        assert seen(ann) == seen(ben) == set()
        assert seen(None) == {"For three"}

    def test_that_one_buys_are_seen(self, christmas, ann, mom):
        make_gift(christmas, mom, title="By Ann", purchaser=ann)
        assert seen(ann) == {"By Ann"}

    def test_that_somebody_else_buys_for_one_are_hidden(self, christmas, ann, ben):
        make_gift(christmas, ann, title="By Ben", purchaser=ben)
        assert seen(ann) == set()
        assert seen(ben) == {"By Ben"}

    def test_of_past_occasions_are_no_secret(self, ann, mom):
        past = OccasionFactory(date=LAST_CHRISTMAS)
        make_gift(past, ann, title="For Ann")
        make_gift(past, ann, mom, title="For both")
        assert seen(ann) == {"For Ann", "For both"}

    def test_moved_into_the_past_are_no_secret_and_back_again_they_are(self, christmas, ann):
        make_gift(christmas, ann, title="For Ann")
        Occasion.objects.update(date=LAST_CHRISTMAS)
        assert seen(ann) == {"For Ann"}
        Occasion.objects.update(date=CHRISTMAS)
        assert seen(ann) == set()

    def test_are_hidden_from_who_only_gives_there_too(self, ann):
        birthday = OccasionFactory()
        make_gift(birthday, ann, title="For Ann")
        PersonOccasion.objects.update(receives=False)
        assert seen(ann) == set()

    def test_a_member_who_is_no_person_sees_all(self, christmas, ann, ben, mom):
        for person in (ann, ben, mom):
            make_gift(christmas, person, title=f"For {person}")
        assert seen(None) == {"For Ann", "For Ben", "For Mom"}

    def test_an_administrator_is_surprised_like_everybody(self, christmas):
        boss = member("Boss", administrator=True)
        make_gift(christmas, boss, title="For the boss")
        assert seen(boss) == set()

    def test_what_is_hidden_is_not_found(self, christmas, ann, ben):
        gift = make_gift(christmas, ann)
        with pytest.raises(Http404):
            access.visible_gift(viewer_of(ann.user), gift.pk)
        with pytest.raises(Http404):
            access.visible_gift(viewer_of(ben.user), gift.pk + 1)
        assert access.visible_gift(viewer_of(ben.user), gift.pk) == gift

    def test_a_member_becomes_another_person_and_sees_what_that_one_may(self, christmas, ann, mom):
        make_gift(christmas, ann, title="For Ann")
        make_gift(christmas, mom, title="For Mom")
        user = ann.user
        Person.objects.filter(pk=ann.pk).update(user=None)
        Person.objects.filter(pk=mom.pk).update(user=user)
        mom.refresh_from_db()
        assert seen(mom) == {"For Ann"}


#: Noon of Christmas in Greenwich; the 25th has not ended anywhere but far in the east.
NOON = datetime(2026, 12, 25, 12, tzinfo=UTC)


class TestTheDay:
    @pytest.mark.parametrize(
        ("moment", "is_open"),
        [
            (datetime(2026, 12, 24, 23, 59, tzinfo=UTC), False),
            (datetime(2026, 12, 25, 0, 0, tzinfo=UTC), False),
            (datetime(2026, 12, 25, 23, 59, tzinfo=UTC), False),
            (datetime(2026, 12, 26, 0, 0, tzinfo=UTC), True),
        ],
    )
    def test_a_present_is_a_surprise_until_the_day_has_passed(
        self, christmas, ann, moment, is_open
    ):
        make_gift(christmas, ann, title="For Ann")
        assert seen(ann, moment) == ({"For Ann"} if is_open else set())
        assert viewer_of(ann.user, now=moment).is_surprised_at(christmas.pk) is not is_open

    @pytest.mark.parametrize(
        ("zone", "moment", "today", "is_open"),
        [
            # West of Greenwich the day lasts longer.
            ("Pacific/Honolulu", datetime(2026, 12, 26, 9, 59, tzinfo=UTC), CHRISTMAS, False),
            ("Pacific/Honolulu", datetime(2026, 12, 26, 10, 0, tzinfo=UTC), CHRISTMAS + DAY, True),
            # East of it the next day begins early, but the household is still at the table.
            ("Pacific/Kiritimati", NOON, CHRISTMAS + DAY, False),
            ("Pacific/Kiritimati", NOON + timedelta(hours=12), CHRISTMAS + DAY, True),
        ],
    )
    def test_it_passes_both_at_home_and_where_the_member_is(
        self, christmas, zone, moment, today, is_open
    ):
        away = member("Away", timezone=zone)
        CardFactory(occasion=christmas, person=away)
        make_gift(christmas, away, title="For them")
        viewer = viewer_of(away.user, now=moment)
        assert viewer.today == today
        assert seen(away, moment) == ({"For them"} if is_open else set())
        assert viewer.is_surprised_at(christmas.pk) is not is_open

    def test_the_installation_may_be_anywhere(self, christmas, ann, settings):
        make_gift(christmas, ann, title="For Ann")
        settings.TIME_ZONE = "Pacific/Honolulu"
        assert seen(ann, datetime(2026, 12, 26, 9, 59, tzinfo=UTC)) == set()
        assert seen(ann, datetime(2026, 12, 26, 10, 0, tzinfo=UTC)) == {"For Ann"}

    def test_moving_to_another_time_zone_reveals_nothing_earlier(self, christmas, ann):
        make_gift(christmas, ann, title="For Ann")
        for zone in ("Pacific/Kiritimati", "Asia/Tokyo", "UTC", "Pacific/Pago_Pago"):
            User.objects.filter(pk=ann.user.pk).update(timezone=zone)
            ann.user.refresh_from_db()
            assert seen(ann, NOON + timedelta(hours=11, minutes=59)) == set()

    @pytest.mark.parametrize("home", ["Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"])
    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"])
    @pytest.mark.parametrize("hours", [-30, -14, -1, 0, 10, 11, 12, 24, 30])
    def test_gifts_and_figures_are_revealed_at_the_same_moment(
        self, christmas, settings, home, zone, hours
    ):
        settings.TIME_ZONE = home
        away = member("Away", timezone=zone)
        CardFactory(occasion=christmas, person=away)
        make_gift(christmas, away, title="For them")
        now = NOON + timedelta(hours=hours)
        has_passed = all(now.astimezone(ZoneInfo(one)).date() > CHRISTMAS for one in (home, zone))
        viewer = viewer_of(away.user, now=now)
        assert Gift.objects.visible_to(viewer).exists() is has_passed
        assert viewer.is_surprised_at(christmas.pk) is not has_passed
        assert summary_of(christmas, viewer).is_surprise is not has_passed


class TestBudgets:
    @pytest.mark.parametrize(
        ("whose", "role", "may_see"),
        [
            ("Ann", Role.RECIPIENT, False),
            ("Ann", Role.PURCHASER, True),
            ("Mom", Role.RECIPIENT, True),
            ("Mom", Role.PURCHASER, False),
        ],
    )
    def test_where_one_receives_all_is_seen_but_what_could_be_subtracted(
        self, christmas, ann, whose, role, may_see
    ):
        viewer = viewer_of(ann.user)
        card = christmas.links.get(person__name=whose)
        assert access.may_see_budget(viewer, card, role) is may_see
        rows = PersonOccasion.objects.visible_to(viewer, role)
        assert rows.filter(pk=card.pk).exists() is may_see
        fields = cards_of(christmas, viewer)[whose].fields
        assert (role in {field.role for field in fields}) is may_see

    @pytest.mark.parametrize("who", ["a giver", "a stranger", "no person", "in the past"])
    def test_everywhere_else_all_is_seen(self, christmas, ann, who):
        if who == "a giver":
            christmas.links.filter(person=ann).update(receives=False)
        elif who == "a stranger":
            christmas.links.filter(person=ann).delete()
        elif who == "in the past":
            Occasion.objects.update(date=LAST_CHRISTMAS)
        viewer = viewer_of(UserFactory() if who == "no person" else ann.user)
        assert not viewer.is_surprised_at(christmas.pk)
        for role in Role:
            rows = PersonOccasion.objects.visible_to(viewer, role)
            assert rows.count() == christmas.links.count()
            assert all(access.may_see_budget(viewer, card, role) for card in rows)

    def test_the_three_ways_to_ask_agree_on_every_card(self, christmas, ann, ben):
        past = OccasionFactory(date=LAST_CHRISTMAS)
        birthday = OccasionFactory(kind="birthday", celebrates=ben)
        for occasion, person, receives in (
            (past, ann, True),
            (past, ben, True),
            (birthday, ann, False),
            (birthday, ben, True),
        ):
            CardFactory(occasion=occasion, person=person, receives=receives)
        for user in (ann.user, ben.user, UserFactory()):
            viewer = viewer_of(user)
            rows = list(PersonOccasion.objects.all())
            drawn = cards.build(rows, Gift.objects.all(), viewer)
            for role in Role:
                visible = set(PersonOccasion.objects.visible_to(viewer, role))
                assert visible == {
                    card for card in rows if access.may_see_budget(viewer, card, role)
                }
                assert visible == {
                    card.row for card in drawn if role in {one.role for one in card.fields}
                }

    def test_somebody_who_is_not_on_the_list_has_no_card(self, christmas):
        stranger = PersonFactory()
        for keys in (
            {"occasion_id": christmas.pk, "person_id": stranger.pk},
            {"occasion_id": christmas.pk + 1, "person_id": stranger.pk},
        ):
            with pytest.raises(Http404):
                access.card_row(**keys)

    def test_who_is_on_it_has_one(self, christmas, mom):
        row = access.card_row(occasion_id=christmas.pk, person_id=mom.pk)
        assert (row.person, row.occasion) == (mom, christmas)

    def test_what_is_not_visible_is_answered_as_if_it_were_not_there(self):
        with pytest.raises(Http404):
            access.refuse_hidden(visible=False)
        access.refuse_hidden(visible=True)


class TestRearranging:
    def test_who_receives_leaves_it_to_others(self, christmas, ann):
        assert not access.may_rearrange(viewer_of(ann.user), christmas)

    @pytest.mark.parametrize("who", ["a giver", "a stranger", "no person", "in the past"])
    def test_everybody_else_may(self, christmas, ann, ben, who):
        if who == "a giver":
            christmas.links.filter(person=ann).update(receives=False)
        elif who == "a stranger":
            christmas.links.filter(person=ann).delete()
        elif who == "in the past":
            Occasion.objects.update(date=LAST_CHRISTMAS)
        viewer = viewer_of(UserFactory() if who == "no person" else ann.user)
        assert access.may_rearrange(viewer, christmas)

    def test_nobody_changes_their_own_days_alone(self, ann, ben, mom):
        assert not access.may_rearrange_person(viewer_of(ann.user), ann)
        assert access.may_rearrange_person(viewer_of(ann.user), ben)
        assert access.may_rearrange_person(viewer_of(ann.user), mom)
        assert access.may_rearrange_person(viewer_of(UserFactory()), ann)

    def test_the_only_one_who_can_sign_in_may_do_everything(self, christmas, ann, ben):
        ben.user.delete()
        viewer = viewer_of(ann.user)
        assert access.is_alone(viewer)
        assert access.may_rearrange(viewer, christmas)
        assert access.may_rearrange_person(viewer, ann)

    def test_but_is_surprised_all_the_same(self, christmas, ann, ben):
        ben.user.delete()
        make_gift(christmas, ann, title="For Ann")
        assert seen(ann) == set()

    @pytest.mark.parametrize("values", [{}, {"administrator": True}])
    def test_one_more_member_is_enough_not_to_be_alone(self, ann, values):
        assert access.is_alone(viewer_of(ann.user))
        other = UserFactory(**values)
        assert not access.is_alone(viewer_of(ann.user))
        assert not access.is_alone(viewer_of(other))


class TestCards:
    def test_ones_own_says_only_that_it_is_a_surprise(self, christmas, ann, ben):
        christmas.links.filter(person=ann).update(recipient_budget=Decimal(200))
        make_gift(christmas, ann, purchaser=ben)
        own = cards_of(christmas, viewer_of(ann.user))["Ann"]
        assert own.is_surprise
        assert (own.received, own.lines) == (None, [])
        assert [field.role for field in own.fields] == [Role.PURCHASER]
        assert own.given.spending == Spending()

    def test_ones_own_tells_what_one_is_to_buy(self, christmas, ann, mom):
        christmas.links.filter(person=ann).update(purchaser_budget=Decimal(100))
        make_gift(christmas, mom, price="40.25", purchaser=ann)
        own = cards_of(christmas, viewer_of(ann.user))["Ann"]
        assert str(own.given.percent) == "40.25"
        assert own.gifts_to_buy == 1

    def test_those_of_others_tell_what_they_get_and_not_what_they_give(self, christmas, ann, mom):
        christmas.links.filter(person=mom).update(
            recipient_budget=Decimal(200), purchaser_budget=Decimal(50)
        )
        gift = make_gift(christmas, mom, price="50")
        make_gift(christmas, ann, price="30", purchaser=mom)
        card = cards_of(christmas, viewer_of(ann.user))["Mom"]
        assert (card.is_surprise, card.given, card.gifts_to_buy) == (False, None, 0)
        assert str(card.received.percent) == "25.0"
        assert [field.text for field in card.fields] == ["200.00"]
        assert [line.gift for line in card.lines] == [gift]

    def test_a_share_of_what_one_gets_too_is_not_on_the_card_of_the_others(
        self, christmas, ann, mom
    ):
        make_gift(christmas, ann, mom, price="50")
        card = cards_of(christmas, viewer_of(ann.user))["Mom"]
        assert (card.received.spending, card.lines) == (Spending(), [])

    def test_after_the_day_all_is_there(self, christmas, ann, ben):
        christmas.links.filter(person=ann).update(recipient_budget=Decimal(200))
        make_gift(christmas, ann, price="50", purchaser=ben)
        viewer = viewer_of(ann.user, now=NOON + DAY)
        drawn = cards_of(christmas, viewer)
        assert not drawn["Ann"].is_surprise
        assert str(drawn["Ann"].received.percent) == "25.0"
        assert [field.text for field in drawn["Ann"].fields] == ["200.00", ""]
        assert drawn["Ben"].given.spending.planned == 50

    def test_fields_name_the_person_and_the_role(self, christmas, mom):
        fields = cards_of(christmas, viewer_of(UserFactory()))["Mom"].fields
        assert [field.label for field in fields] == ["Gifts for Mom", "Gifts by Mom"]
        assert [field.name for field in fields] == ["recipient_budget", "purchaser_budget"]
        assert len({field.key for field in fields}) == 2

    def test_zero_stands_in_its_field_and_no_limit_is_an_empty_one(self, christmas, mom):
        christmas.links.filter(person=mom).update(recipient_budget=Decimal(0))
        fields = cards_of(christmas, viewer_of(UserFactory()))["Mom"].fields
        assert [(field.amount, field.text) for field in fields] == [(0, "0.00"), (None, "")]

    @pytest.mark.parametrize(
        ("status", "needs_gift"),
        [(None, True), *((status, status is Status.IDEA) for status in Status)],
    )
    def test_who_has_nothing_but_ideas_still_needs_a_gift(self, christmas, mom, status, needs_gift):
        if status is not None:
            make_gift(christmas, mom, status=status)
        viewer = viewer_of(UserFactory())
        assert (mom in summary_of(christmas, viewer).needing) is needs_gift

    def test_who_only_gives_needs_none(self, christmas, mom):
        christmas.links.filter(person=mom).update(receives=False)
        viewer = viewer_of(UserFactory())
        assert mom not in summary_of(christmas, viewer).needing

    @pytest.mark.parametrize(
        ("what", "holds_something"),
        [("nothing", False), ("a budget", True), ("an idea", True), ("shopping", True)],
    )
    def test_a_card_tells_whether_something_would_be_lost_with_it(
        self, christmas, mom, what, holds_something
    ):
        match what:
            case "a budget":
                christmas.links.filter(person=mom).update(purchaser_budget=Decimal(0))
            case "an idea":
                make_gift(christmas, mom, status=Status.IDEA)
            case "shopping":
                make_gift(christmas, PersonFactory(), purchaser=mom)
        card = cards_of(christmas, viewer_of(UserFactory()))["Mom"]
        assert card.holds_something is holds_something

    def test_a_line_names_the_others_and_what_changes_with_it(self, christmas, ann, ben, mom):
        make_gift(christmas, mom, ben, purchaser=ann)
        drawn = cards_of(christmas, viewer_of(UserFactory()))
        [line] = drawn["Mom"].lines
        assert line.others == [ben]
        assert line.touches.split(",") == [
            "#occasion-figures",
            f"#{drawn['Ben'].key}-figures",
            f"#{drawn['Ben'].key}-lines",
            f"#{drawn['Mom'].key}-figures",
            f"#{drawn['Mom'].key}-lines",
            f"#{drawn['Ann'].key}-figures",
        ]

    def test_somebodys_cards_at_several_occasions_keep_their_order(self, christmas, mom, ben):
        [birthday] = OccasionFactory.create_batch(1, date=LAST_CHRISTMAS)
        CardFactory(occasion=birthday, person=mom)
        make_gift(christmas, mom, ben, price="10.01")
        make_gift(birthday, mom, price="20")
        make_gift(birthday, ben, price="30", purchaser=mom)
        for order in ("occasion__date", "-occasion__date"):
            rows = list(mom.links.select_related("person", "occasion").order_by(order))
            drawn = cards.of_person(mom, viewer_of(UserFactory()), rows)
            assert [card.row for card in drawn] == rows
            by_occasion = {card.occasion: card for card in drawn}
            assert by_occasion[christmas].received.spending.planned == Decimal("5.00")
            assert by_occasion[birthday].received.spending.planned == 20
            assert by_occasion[birthday].given.spending.planned == 30

    def test_thirty_people_take_as_many_queries_as_three(self, christmas):
        viewer = viewer_of(UserFactory())

        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                for card in cards.of_occasion(christmas, viewer):
                    assert card.person.name
                    assert not [line.gift for line in card.lines if line.gift.purchaser]
            return len(captured)

        before = queries()
        for card in CardFactory.create_batch(27, occasion=christmas):
            for _ in range(5):
                make_gift(christmas, card.person)
        # The recipients of gifts are one more, once there are gifts.
        assert (before, queries()) == (2, 3)


class TestSummaries:
    def test_where_one_receives_there_is_no_budget_to_subtract_from(self, christmas, ann, mom):
        make_gift(christmas, mom, price="50")
        make_gift(christmas, ann, price="450")
        summary = summary_of(christmas, viewer_of(ann.user))
        assert summary.is_surprise
        assert (summary.figures.budget, summary.figures.percent) == (None, None)
        assert summary.figures.spending.planned == 50

    def test_everybody_else_has_the_whole_figures(self, christmas, ann, mom):
        make_gift(christmas, mom, price="50")
        make_gift(christmas, ann, price="450")
        summary = summary_of(christmas, viewer_of(UserFactory()))
        assert not summary.is_surprise
        assert (summary.figures.budget, summary.figures.spending.planned) == (1000, 500)

    def test_nobody_is_told_that_they_need_a_gift_themselves(self, christmas, ann, ben, mom):
        assert summary_of(christmas, viewer_of(ann.user)).needing == [ben, mom]
        make_gift(christmas, ann)
        assert summary_of(christmas, viewer_of(ann.user)).needing == [ben, mom]
        assert summary_of(christmas, viewer_of(UserFactory())).needing == [ben, mom]

    def test_several_occasions_take_two_queries(self, christmas, ann, mom):
        others = OccasionFactory.create_batch(5)
        for occasion in others:
            make_gift(occasion, mom)
        viewer = viewer_of(ann.user)
        with CaptureQueriesContext(connection) as captured:
            summaries = summarise([christmas, *others], viewer)
        assert len(captured) == 2
        assert [summary.occasion for summary in summaries] == [christmas, *others]
        assert [summary.figures.spending.gifts for summary in summaries] == [0, 1, 1, 1, 1, 1]

    def test_of_no_occasions_there_are_none(self):
        assert summarise([], viewer_of(UserFactory())) == []


def drawn(card: Card) -> tuple[object, ...]:
    """Return everything that a card shows."""
    lines = [(line.gift.pk, line.share, line.others, line.touches) for line in card.lines]
    return (
        *(card.key, card.person, card.row.receives, card.is_surprise),
        *(card.fields, card.received, card.given, lines),
        *(card.holds_something, card.gifts_to_buy),
    )


NAMES = ("Ann", "Ben", "Mom", "Dad")
prices = st.none() | st.decimals(min_value=0, max_value=500, places=2)
budgets = st.none() | st.decimals(min_value=0, max_value=500, places=2)
gifts = st.lists(
    st.tuples(
        prices,
        st.sampled_from(list(Status)),
        st.sets(st.sampled_from(NAMES), min_size=1, max_size=3),
        st.none() | st.sampled_from(NAMES),
    ),
    max_size=5,
)


class TestTheViewersWorldIsTheSame(TestCase):
    """Whatever others plan for somebody, nothing that they can see depends on it."""

    @settings(max_examples=40)
    @given(
        open_gifts=gifts,
        secrets=gifts,
        secret_budget=budgets,
        others_budgets=st.lists(budgets, min_size=3, max_size=3),
    )
    def test_with_and_without_presents_for_them(
        self, open_gifts, secrets, secret_budget, others_budgets
    ):
        people = {name: PersonFactory(name=name) for name in NAMES}
        ann, stranger = people["Ann"], member("A stranger")
        ann.user = UserFactory()
        ann.save()
        occasion = OccasionFactory(date=CHRISTMAS, budget_total=Decimal(1000))
        for person in people.values():
            CardFactory(occasion=occasion, person=person)
        self.give(occasion, people, [gift for gift in open_gifts if "Ann" not in gift[2]])
        before, without = self.world(ann, occasion), self.world(stranger, occasion)
        for_ann = [(*one[:2], {*one[2], "Ann"}, one[3]) for one in secrets]
        given = self.give(occasion, people, for_ann)
        occasion.links.filter(person=ann).update(recipient_budget=secret_budget)
        for card, budget in zip(occasion.links.exclude(person=ann), others_budgets, strict=True):
            PersonOccasion.objects.filter(pk=card.pk).update(purchaser_budget=budget)
        assert self.world(ann, occasion) == before
        if given:
            assert self.world(stranger, occasion) != without

    def give(
        self,
        occasion: Occasion,
        people: dict[str, Person],
        wanted: list[tuple[Decimal | None, Status, set[str], str | None]],
    ) -> int:
        """Write gifts down but those that somebody would buy for themselves; return how many."""
        given = 0
        for price, status, whom, buyer in wanted:
            if buyer in whom:
                continue
            planning.add_gift(
                occasion=occasion,
                recipients=[people[name] for name in whom],
                values={
                    "title": "A gift",
                    "price": price,
                    "status": status,
                    "purchaser": people[buyer] if buyer else None,
                },
                today=NOW.date(),
            )
            given += 1
        return given

    def world(self, person: Person, occasion: Occasion) -> dict[str, object]:
        """Return all that somebody may read of an occasion."""
        viewer = viewer_of(person.user)
        summary = summary_of(occasion, viewer)
        rows = {
            role: list(
                PersonOccasion.objects.visible_to(viewer, role).values_list("pk", role.field)
            )
            for role in Role
        }
        return {
            "surprises": viewer.surprises,
            "cards": [drawn(card) for card in cards.of_occasion(occasion, viewer)],
            "summary": (summary.figures, summary.is_surprise, summary.needing),
            "budgets": rows,
            "gifts": list(Gift.objects.visible_to(viewer).values_list("pk", "cost")),
            "total": Gift.objects.visible_to(viewer).spending(),
            "by buyer": Gift.objects.visible_to(viewer).spending_by("purchaser"),
            "rights": access.may_rearrange(viewer, occasion),
        }


def test_a_day_is_a_date_and_not_a_moment():
    viewer = viewer_of(UserFactory())
    assert (viewer.today, viewer.open_before) == (date(2026, 7, 15), date(2026, 7, 15))
