"""The pages of the history, found through the daily totals: nothing missing, nothing twice."""

from datetime import timedelta

import pytest

from budgets.history import PAGE, HistoryFilter, entries, paginator
from budgets.tests.factories import NOW, make_budget, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def budget():
    """A budget with 60 postings: many on one day, days with one, days with none."""
    budget = make_budget()
    for number in range(60):
        record(
            budget,
            "0.10",
            occurred_at=NOW - timedelta(days=number**2 // 50, minutes=number),
            provider="openai" if number % 3 else "google",
            model=f"model-{number % 5}",
        )
    return budget


@pytest.mark.parametrize(
    "asked",
    [
        HistoryFilter(),
        HistoryFilter(provider="google"),
        HistoryFilter(provider="openai", model="model-4"),
        HistoryFilter(since=(NOW - timedelta(days=30)).date(), until=(NOW - timedelta(2)).date()),
        HistoryFilter(provider="nobody"),
    ],
    ids=["all", "provider", "provider and model", "days", "nothing"],
)
def test_the_pages_together_are_the_whole_history_in_its_order(budget, asked):
    pages = paginator(budget, asked)

    shown = [list(page.object_list) for page in pages]

    assert [entry for page in shown for entry in page] == list(entries(budget, asked))
    assert all(len(page) == PAGE for page in shown[:-1])
    assert pages.count == entries(budget, asked).count()


def test_a_page_beyond_the_last_is_the_last(budget):
    last = paginator(budget, HistoryFilter()).get_page("900")

    assert last.number == 3
    assert len(last.object_list) == 20


def test_any_page_is_found_with_two_queries(budget, django_assert_num_queries):
    with django_assert_num_queries(2):
        list(paginator(budget, HistoryFilter()).get_page(3).object_list)
