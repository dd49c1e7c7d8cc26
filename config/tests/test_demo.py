"""The demo household: everybody is in the state that their story tells, whenever it is made."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client, TestCase

from budgets import ledger
from budgets.levels import Level, Standing
from budgets.models import Budget, Change, Cycle, DailyTotal, Entry, Hold, Reset
from config import demo
from occasions.models import Gift, Occasion, PersonOccasion
from people.models import Person, User
from people.tests.factories import UserFactory

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
NAMES = ["ben", "ida", "leo", "maya", "nina", "olle", "zoe"]


def seed(*options: str) -> str:
    """Run the command and return what it printed."""
    out = StringIO()
    call_command("seed_demo", *options, stdout=out)
    return out.getvalue()


def budget_of(name: str) -> Budget:
    return Budget.objects.select_related("user").get(user__username=name)


def standing_of(name: str) -> Standing:
    budget = budget_of(name)
    return Cycle.objects.open().get(budget=budget).standing(budget.thresholds)


def counts() -> dict[str, int]:
    """Return how many rows of each kind there are."""
    models = (
        *(User, Budget, Cycle, Entry, DailyTotal, Hold, Reset, Change),
        *(Person, Occasion, PersonOccasion, Gift),
    )
    return {model.__name__: model.objects.count() for model in models}


def figures() -> list[tuple[object, ...]]:
    """Return what the windows, the history and the gifts tell, without keys."""
    cards = PersonOccasion.objects.order_by("occasion__date", "occasion__name", "person__name")
    gifts = Gift.objects.order_by("occasion__date", "title")
    cycles = Cycle.objects.order_by("budget__member_name", "starts_at")
    entries = Entry.objects.order_by("budget__member_name", "occurred_at", "amount")
    return [
        *cycles.values_list("budget__member_name", "starts_at", "limit", "spent", "held"),
        *entries.values_list("budget__member_name", "occurred_at", "amount", "model", "memo"),
        *cards.values_list(
            "occasion__name", "person__name", "recipient_budget", "purchaser_budget"
        ),
        *gifts.values_list("occasion__date", "title", "cost", "status", "bought_on"),
    ]


def assert_stories_are_true() -> None:
    """Compare the levels, and the counters behind them, with what the stories tell."""
    levels = {name: standing_of(name).level for name in NAMES}
    assert levels == {
        "ben": Level.ORANGE,
        "ida": Level.YELLOW,
        "leo": Level.RED,
        "maya": Level.GREEN,
        "nina": Level.GREEN,
        "olle": Level.GREEN,
        "zoe": Level.GREEN,
    }
    assert standing_of("leo").is_over
    assert not standing_of("ben").is_used_up
    assert ledger.check() == []


class TestTheDemo(TestCase):
    @classmethod
    def setUpTestData(cls):
        with time_machine.travel(NOW, tick=False):
            cls.printed = seed()

    def setUp(self):
        travelling = time_machine.travel(NOW, tick=False)
        travelling.start()
        self.addCleanup(travelling.stop)

    def test_everybody_is_in_the_state_that_their_story_tells(self):
        assert sorted(User.objects.values_list("username", flat=True)) == NAMES
        assert_stories_are_true()

    def test_the_periods_are_those_of_the_stories(self):
        periods = {name: budget_of(name).period for name in NAMES}
        assert periods == {
            "ben": "monthly",
            "ida": "daily",
            "leo": "custom",
            "maya": "monthly",
            "nina": "monthly",
            "olle": "monthly",
            "zoe": "weekly",
        }
        assert budget_of("leo").custom_days == 14
        assert not budget_of("leo").enforced
        zoe = budget_of("zoe")
        assert (zoe.user_can_modify, zoe.user_can_reset) == (True, True)
        assert zoe.modify_ceiling == Decimal(20)

    def test_maya_alone_administers(self):
        staff = User.objects.filter(is_staff=True, is_superuser=True)
        assert [user.username for user in staff] == ["maya"]
        assert User.objects.filter(is_staff=True).count() == 1

    def test_mayas_research_has_money_set_aside(self):
        [hold] = Hold.objects.all()
        assert (hold.budget, hold.amount) == (budget_of("maya"), Decimal("4.50"))
        assert hold.status == Hold.Status.HELD
        assert standing_of("maya").held == Decimal("4.50")

    def test_ben_was_billed_twice_and_got_it_back(self):
        ben = budget_of("ben")
        [reversal] = Entry.objects.filter(budget=ben, reverses__isnull=False)
        assert reversal.memo == "Billed twice"
        billed = Entry.objects.filter(
            budget=ben, occurred_at=reversal.occurred_at, amount=-reversal.amount
        )
        assert billed.count() == 2

    def test_nina_was_given_a_fresh_start_and_every_other_window_closed_by_itself(self):
        [by_hand] = Reset.objects.filter(kind=Reset.Kind.MANUAL, actor__isnull=False)
        assert by_hand.budget == budget_of("nina")
        assert (by_hand.by, by_hand.reason) == ("maya", "A fresh start after the exams")
        assert by_hand.spent_before > 0
        closed = {
            name: Reset.objects.filter(kind="automatic", budget=budget_of(name)).count()
            for name in NAMES
        }
        assert closed["ida"] == 95
        assert closed["zoe"] in {13, 14}
        assert closed["ben"] == closed["maya"] == closed["nina"] == 3

    def test_there_is_history_to_look_at(self):
        for name in NAMES:
            entries = Entry.objects.filter(budget=budget_of(name))
            assert entries.filter(occurred_at__lt=NOW - timedelta(days=90)).exists(), name
            providers = 0 if name == "olle" else 3
            used = entries.exclude(provider="").values("provider").distinct()
            assert used.count() == providers, name
        assert not Entry.objects.filter(occurred_at__gt=NOW).exists()
        spent = Reset.objects.filter(kind="automatic").values_list("spent_before", flat=True)
        assert sum(amount > 0 for amount in spent) > 100

    def test_everybody_signs_in_with_the_password_that_is_printed(self):
        assert f"all with the password {demo.PASSWORD}:" in self.printed
        for name in NAMES:
            assert f"  {name} " in self.printed
            assert Client().login(username=name, password=demo.PASSWORD)

    def test_nina_does_not_see_her_budget_and_ben_sees_his(self):
        nina, ben = Client(), Client()
        nina.force_login(User.objects.get(username="nina"))
        ben.force_login(User.objects.get(username="ben"))
        assert nina.get("/budget/").status_code == 403
        page = ben.get("/budget/").content.decode()
        assert "Nearly used" in page
        assert "we talk about it in spring" not in page

    def test_again_it_adds_nothing_and_prints_the_same(self):
        before = counts()
        assert seed() == self.printed
        assert counts() == before

    def test_fresh_gives_the_same_again_without_what_was_done_since(self):
        before, figures_before = counts(), figures()
        budget = budget_of("ben")
        ledger.reset(budget=budget, actor=budget.user, reason="A try", now=NOW)
        Gift.objects.update(price=1)
        Occasion.objects.latest("date").delete()
        assert seed("--fresh") == self.printed
        assert counts() == before
        assert figures() == figures_before

    def test_it_keeps_out_where_people_of_their_own_live(self):
        UserFactory(username="ann")
        before = counts()
        said = "People of your own live here: no demo data was added.\n"
        assert seed() == said
        assert seed("--fresh") == said
        assert counts() == before


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["maya@home.test", ""])
def test_a_member_of_ones_own_with_a_name_of_the_demo_is_no_demo_person(email):
    UserFactory(username="maya", email=email)
    assert "no demo data was added" in seed("--fresh")
    assert User.objects.get().username == "maya"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "moment",
    [
        "2026-03-01T00:00:30Z",  # a month begins in UTC
        "2026-02-28T23:00:00Z",  # and in Stockholm, to the second
        "2026-03-02T06:00:10Z",  # a week begins in Chicago
        "2026-03-29T01:00:00Z",  # the clocks go forward in Stockholm
        "2024-02-29T15:00:01Z",  # a day begins in Tokyo
    ],
)
def test_the_stories_are_true_when_a_window_has_only_begun(moment, monkeypatch):
    # Shorter than months and years, as only the end of it matters here.
    monkeypatch.setattr(demo, "HISTORY", timedelta(days=10))
    monkeypatch.setattr(demo, "SHOPPING", timedelta(days=40))
    demo.seed(now=datetime.fromisoformat(moment))
    assert_stories_are_true()
