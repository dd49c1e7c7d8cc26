"""The member's own page: what it tells, what it costs, and what it answers when refreshed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from budgets import ledger
from budgets.ledger import Event, Posting
from budgets.models import Budget, Entry
from budgets.tests.factories import make_budget, open_cycle, record, spend

pytestmark = pytest.mark.django_db

MOST_QUERIES = 12


@pytest.fixture
def budget() -> Budget:
    """Return a budget whose member can sign in today."""
    return make_budget(now=timezone.now(), limit=Decimal(30))


@pytest.fixture
def member(client: Client, budget: Budget) -> Client:
    client.force_login(budget.user)
    return client


def page_of(client: Client, **headers: str) -> str:
    return client.get("/budget/", headers=headers).content.decode()


def use(budget: Budget, amount: str, **details: str) -> Entry:
    return record(budget, amount, now=timezone.now(), **details)


def test_tells_what_is_left_in_one_sentence(member, budget):
    use(budget, "1.50")
    page = page_of(member)
    assert 'You have <span class="money">$28.50</span> left until' in page
    assert "5.0% of the limit" in page
    assert "On track" in page


def test_tells_used_up_at_exactly_the_limit(member, budget):
    use(budget, "30")
    page = page_of(member)
    assert "Nothing is left until" in page
    assert "Used up" in page
    assert "Over by" not in page


def test_tells_how_far_over(member, budget):
    use(budget, "42.40")
    page = page_of(member)
    assert 'You are <span class="money">$12.40</span> over until' in page
    assert "Over by $12.40" in page


def test_meter_stays_within_its_range_when_over(member, budget):
    use(budget, "45")
    page = page_of(member)
    assert 'aria-valuemax="100" aria-valuenow="100"' in page
    assert 'aria-valuetext="$45.00 of $30.00 spent, over by $15.00"' in page


def test_shows_money_that_is_held(member, budget):
    use(budget, "10")
    ledger.hold(budget=budget, amount=Decimal(5), now=timezone.now())
    page = page_of(member)
    assert "$15.00</span> left until" in page
    assert "$10.00 of $30.00 spent, $5.00 held" in page


def test_a_limit_of_zero_is_told_in_words(client):
    budget = make_budget(now=timezone.now(), limit=Decimal(0))
    client.force_login(budget.user)
    assert "There is nothing to spend until" in page_of(client)


def test_the_last_day_is_the_members_own(client):
    now = timezone.now()
    budget = make_budget(now=now, timezone="Pacific/Kiritimati", period="daily")
    client.force_login(budget.user)
    today = now.astimezone(budget.zone)
    page = page_of(client)
    assert f"Daily, {today:%b} {today.day}, {today.year}" in page
    assert "left today" in page
    assert "1 day left" in page


def test_breaks_down_by_provider_and_model_with_shares_of_a_hundred(member, budget):
    use(budget, "1", provider="openai", model="gpt-4o")
    use(budget, "1", provider="openai", model="gpt-4o-mini")
    use(budget, "1", provider="anthropic", model="claude")
    breakdown = member.get("/budget/").context["breakdown"]
    assert [(share.name, share.percent) for share in breakdown.providers] == [
        ("openai", Decimal("66.67")),
        ("anthropic", Decimal("33.33")),
    ]
    assert [share.name for share in breakdown.models] == ["claude", "gpt-4o", "gpt-4o-mini"]
    assert sum(share.percent for share in breakdown.models) == 100
    assert "$3.00</span> in 3 entries" in page_of(member)


def test_many_providers_stay_within_reach(member, budget):
    for number in range(11):
        use(budget, "1", provider=f"provider-{number:02}", model="m")
    page = page_of(member)
    assert "3 more" in page.split('id="more-by-provider"')[1]
    assert "provider-10" in page


def test_a_reversal_is_named_and_tells_why(member, budget):
    entry = use(budget, "1", provider="acme", model="m")
    ledger.reverse(entry=entry, now=timezone.now(), memo="Billed twice")
    for path in ("/", "/budget/"):
        assert "Reversal, acme, Billed twice" in member.get(path).content.decode()


def test_what_a_program_recorded_says_by_which_token(member, budget):
    use(budget, "1", provider="acme", model="m", via="Gateway (ps_12345678…)")
    use(budget, "1", memo="Mine", via="Script (ps_abcdefgh…)")
    page = page_of(member)
    assert "acme, by Gateway (ps_12345678…)" in page
    assert '<span class="note">by Script (ps_abcdefgh…)</span>' in page
    assert "Gateway" not in member.get("/").content.decode()


def test_breaks_down_a_past_window(member, budget):
    then = open_cycle(budget).starts_at - timedelta(days=3)
    old = record(budget, "7.25", now=timezone.now(), occurred_at=then, provider="acme")
    page = member.get("/budget/", {"window": old.cycle_id}).content.decode()
    assert "$7.25</span> in 1 entry" in page
    assert "$7.25</span> in" not in page_of(member)


def test_breaks_down_any_days(member, budget):
    now = timezone.now()
    record(budget, "2", now=now, occurred_at=now - timedelta(days=400), provider="acme")
    day = (now - timedelta(days=400)).date().isoformat()
    page = member.get("/budget/", {"from": day, "to": day}).content.decode()
    assert "$2.00</span> in 1 entry" in page


def test_days_in_the_wrong_order_are_told_at_the_field_and_kept(member):
    page = member.get("/budget/", {"from": "2026-05-02", "to": "2026-05-01"}).content.decode()
    assert "The last day comes before the first." in page
    assert 'value="2026-05-02"' in page


@pytest.mark.parametrize("field", ["from", "to", "since", "until"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-31", "soon"])
def test_a_day_that_no_ledger_knows_is_told_at_its_field(member, field, day):
    response = member.get("/budget/", {field: day})
    assert response.status_code == 200
    form = response.context["breakdown_form" if field in {"from", "to"} else "history_form"]
    assert form.errors[field]
    assert form[field].value() == day


def test_the_longest_breakdown_is_ten_years(member):
    page = member.get("/budget/", {"from": "2000-01-01", "to": "2026-01-01"})
    assert page.context["breakdown_form"].errors["to"] == ["Choose at most ten years."]


def test_long_spans_are_charted_by_month(member):
    page = member.get("/budget/", {"from": "2025-01-15", "to": "2026-01-14"})
    labels = [label for label, _ in page.context["breakdown"].bars]
    assert labels[0] == "Jan 2025"
    assert len(labels) == 13


def test_one_filter_carries_the_other_along(member, budget):
    use(budget, "1", provider="acme")
    page = member.get("/budget/", {"provider": "acme", "from": "2026-01-01"}).content.decode()
    breakdown = page.split('id="breakdown"')[1].split("</form>")[0]
    assert '<input type="hidden" name="provider" value="acme">' in breakdown
    assert 'type="hidden" name="from"' not in breakdown
    rows = page.split('id="history"')[1].split("</form>")[0]
    assert '<input type="hidden" name="from" value="2026-01-01">' in rows


@pytest.mark.parametrize("window", ["999999999", "abc", "-1", "9" * 40, "٣"])
def test_a_window_that_is_not_there_is_a_404(member, window):
    assert member.get("/budget/", {"window": window}).status_code == 404


def test_somebody_elses_window_is_a_404(member):
    other = make_budget(now=timezone.now())
    assert member.get("/budget/", {"window": open_cycle(other).pk}).status_code == 404


def test_shows_nothing_of_another_member(member):
    other = make_budget(now=timezone.now())
    record(other, "3", now=timezone.now(), provider="secret-provider", memo="secret memo")
    assert "secret" not in page_of(member)


def test_the_history_is_newest_first_twenty_a_page(member, budget):
    now = timezone.now()
    for number in range(25):
        record(budget, "0.01", now=now + timedelta(seconds=number), model=f"model-{number:02}")
    first = page_of(member)
    assert first.index("model-24</td>") < first.index("model-05</td>")
    assert "model-04</td>" not in first
    assert "1–20 of 25 entries" in first
    second = member.get("/budget/", {"page": 2}).content.decode()
    assert "model-04</td>" in second
    assert "model-05</td>" not in second


def test_the_history_shows_tokens_and_cost_to_four_places(member, budget):
    record(
        budget,
        "0.012345",
        now=timezone.now(),
        input_tokens=4808,
        output_tokens=10,
        cached_tokens=2000,
    )
    page = page_of(member)
    assert "4,808" in page
    assert "2,000 cached" in page
    assert "$0.0123" in page


def test_the_history_is_filtered_by_provider_model_and_days(member, budget):
    now = timezone.now()
    use(budget, "1", provider="acme", model="old-model")
    use(budget, "1", provider="zeta", model="new-model")
    by_provider = member.get("/budget/", {"provider": "acme"}).content.decode()
    assert "old-model</td>" not in by_provider.split('id="history-rows"')[0]
    rows = by_provider.split('id="history-rows"')[1]
    assert "old-model" in rows
    assert "new-model" not in rows
    by_model = member.get("/budget/", {"model": "new-model"}).content.decode()
    assert "old-model" not in by_model.split('id="history-rows"')[1]
    later = (now + timedelta(days=3)).date().isoformat()
    assert (
        "Nothing matches these filters" in member.get("/budget/", {"since": later}).content.decode()
    )


def test_an_unknown_page_shows_the_last_one(member, budget):
    use(budget, "1", model="only")
    assert "only</td>" in member.get("/budget/", {"page": "77"}).content.decode()
    assert "only</td>" in member.get("/budget/", {"page": "x"}).content.decode()


def test_new_members_find_friendly_empty_states(member):
    page = page_of(member)
    assert "Nothing was spent" in page
    assert "What you spend will appear here" in page
    assert "None yet" in page


def test_closed_windows_are_listed_with_reason_and_person(member, budget):
    use(budget, "12")
    ledger.reset(budget=budget, actor=budget.user, reason="New job", now=timezone.now())
    page = page_of(member)
    assert "New job" in page
    assert f"Started over by {budget.user.username}" in page
    assert "$12.00" in page.split('id="resets"')[1]


def test_closed_windows_tell_what_was_recorded_later(member, budget):
    now = timezone.now()
    use(budget, "12")
    ledger.reset(budget=budget, actor=None, now=now + timedelta(seconds=5))
    record(budget, "3", now=now + timedelta(seconds=9), occurred_at=now)
    record(budget, "4", now=now + timedelta(seconds=9), occurred_at=now - timedelta(days=200))
    listed = page_of(member).split('id="resets"')[1]
    assert '<span class="money">$15.00' in listed
    assert "with $12.00 at the time" in listed
    assert '<span class="money">$4.00' in listed
    assert "Recorded later" in listed


def test_windows_of_one_day_can_be_told_apart(client):
    now = timezone.now()
    budget = make_budget(now=now, period="daily")
    ledger.reset(budget=budget, actor=None, now=now)
    client.force_login(budget.user)
    labels = [label for _, label in page_form(client).fields["window"].choices]
    assert labels[0] == "This window"
    assert ", from " in client.get("/budget/").content.decode()


def page_form(client: Client):
    return client.get("/budget/").context["breakdown_form"]


def test_the_list_of_closed_windows_rolls_first(client):
    budget = make_budget(now=timezone.now() - timedelta(days=70))
    client.force_login(budget.user)
    assert "Ended by itself" in client.get("/budget/resets/").content.decode()


def test_a_spent_budget_is_not_said_to_last(member, budget):
    use(budget, "30")
    page = page_of(member)
    assert "lasts to the end" not in page


def test_the_whole_list_of_closed_windows_has_a_page_of_its_own(member, budget):
    for number in range(7):
        ledger.reset(budget=budget, actor=None, reason=f"reason {number}", now=timezone.now())
    assert "All of them" in page_of(member)
    page = member.get("/budget/resets/").content.decode()
    assert all(f"reason {number}" in page for number in range(7))


def test_asks_a_constant_number_of_queries(member, budget):
    now = timezone.now()
    old = record(budget, "1", now=now, occurred_at=now - timedelta(days=90))
    ledger.hold(budget=budget, amount=Decimal(1), now=now)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert member.get("/budget/", {"window": old.cycle_id}).status_code == 200
        return len(queries)

    _use_many(budget, 10)
    few = count()
    _use_many(budget, 9_990)
    assert Entry.objects.filter(budget=budget).count() == 10_001
    assert count() == few <= MOST_QUERIES


def _use_many(budget: Budget, number: int) -> None:
    now = timezone.now()
    posting = Posting(amount=Decimal("0.0001"), provider="acme", model="m", input_tokens=5)
    while number:
        batch = min(number, 1_000)
        ledger.ingest([Event(budget, posting)] * batch, now=now, as_facts=True)
        number -= batch


class TestRefreshing:
    """The answers to htmx: the status alone, the status and what changed, or the whole page."""

    def test_the_status_alone_when_nothing_changed(self, member, budget):
        stamp = member.get("/budget/").context["stamp"]
        answer = member.get(
            "/budget/", {"seen": stamp}, headers={"HX-Request": "true", "HX-Target": "live"}
        ).content.decode()
        assert answer.lstrip().startswith('<section class="card card-hero')
        assert "hx-swap-oob" not in answer
        assert "<form" not in answer

    def test_everything_but_the_forms_when_something_changed(self, member, budget):
        stamp = member.get("/budget/").context["stamp"]
        use(budget, "2", model="brand-new")
        answer = member.get(
            "/budget/", {"seen": stamp}, headers={"HX-Request": "true", "HX-Target": "live"}
        ).content.decode()
        assert answer.count('hx-swap-oob="true"') == 3
        assert "brand-new" in answer
        assert "<form" not in answer
        assert "<html" not in answer

    def test_it_asks_again_with_the_filters_of_the_page(self, member):
        page = member.get("/budget/", {"provider": "", "page": "1"}).content.decode()
        assert 'hx-trigger="every 30s"' in page
        assert "provider=&amp;page=1&amp;seen=" in page

    def test_filters_redraw_the_figures_without_the_settings(self, member):
        answer = member.get(
            "/budget/", headers={"HX-Request": "true", "HX-Target": "figures"}
        ).content.decode()
        assert 'id="history"' in answer
        assert 'id="settings"' not in answer
        assert "<html" not in answer

    def test_going_back_in_history_gets_the_whole_page(self, member):
        answer = page_of(
            member,
            **{
                "HX-Request": "true",
                "HX-Target": "figures",
                "HX-History-Restore-Request": "true",
            },
        )
        assert "<html" in answer
        assert 'id="settings"' in answer

    def test_an_unknown_target_gets_the_whole_page(self, member):
        answer = page_of(member, **{"HX-Request": "true", "HX-Target": "elsewhere"})
        assert "<html" in answer

    def test_an_entry_in_a_past_window_is_noticed_too(self, member, budget):
        stamp = member.get("/budget/").context["stamp"]
        then = open_cycle(budget).starts_at - timedelta(days=3)
        record(budget, "1", now=timezone.now(), occurred_at=then)
        assert member.get("/budget/").context["stamp"] != stamp

    def test_whoever_signed_out_is_led_to_the_sign_in_page_as_a_whole(self, client):
        response = client.get("/budget/?seen=x", headers={"HX-Request": "true"})
        assert response.status_code == 200
        assert response["HX-Redirect"] == "/account/login/?next=/budget/%3Fseen%3Dx"
        assert response.content == b""

    def test_caches_keep_page_and_fragment_apart(self, member):
        vary = member.get("/budget/")["Vary"]
        assert "HX-Request" in vary
        assert "HX-Target" in vary


@pytest.mark.parametrize("path", ["/budget/", "/budget/resets/", "/budget/history.csv", "/"])
def test_visitors_are_sent_to_the_sign_in_page(client, path):
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/")


@pytest.mark.parametrize("path", ["/budget/", "/budget/resets/", "/budget/history.csv", "/"])
def test_pages_that_only_show_cannot_be_posted_to(member, path):
    assert member.post(path).status_code == 405


def test_rolls_the_window_when_it_has_ended(client):
    long_ago = timezone.now() - timedelta(days=70)
    budget = make_budget(now=long_ago)
    spend(budget, "12", now=long_ago)
    client.force_login(budget.user)
    page = page_of(client)
    assert "$30.00</span> left until" in page
    assert "$12.00" in page.split('id="resets"')[1]
