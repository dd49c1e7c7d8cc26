"""The figures as charts: what the script of the page draws, with words for every bar.

Amounts are decimal strings: nothing here is a float.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings

from budgets import formats
from purchases.analysis.scope import Scope
from purchases.analysis.shares import Share
from purchases.analysis.warranties import Lasting
from purchases.formats import in_currency
from purchases.guarantees import Status
from purchases.series import Series, Slot, Step

type Chart = dict[str, Any]

_COLOURS = {
    Status.ACTIVE: "green-fill",
    Status.EXPIRING: "yellow-fill",
    Status.EXPIRED: "control",
}


def steps(series: Series, scope: Scope, currency: str) -> list[tuple[Slot, str, str]]:
    """Return the steps of time, each with its name and the address of its purchases."""
    return [
        (
            slot,
            str(slot.first.year) if series.step is Step.YEAR else formats.month(slot.first),
            scope.list_url(since=slot.first, until=slot.last, currency=currency),
        )
        for slot in series.slots
    ]


def columns(series: Series, scope: Scope, currency: str) -> Chart:
    """Return what was spent in each step as columns."""
    drawn = steps(series, scope, currency)
    spent = {
        "label": f"Paid in {currency}",
        "colour": "accent",
        "values": [_plain(slot.total) for slot, _, _ in drawn],
        "texts": [
            f"{in_currency(slot.total, currency)}, {_purchases(slot.count)}" for slot, _, _ in drawn
        ],
        "links": [url for _, _, url in drawn],
    }
    return {
        "kind": "columns",
        "locale": _locale(),
        "currency": currency,
        "labels": [label for _, label, _ in drawn],
        "sets": [spent],
    }


def bars(shares: Sequence[Share], currency: str) -> Chart:
    """Return shares as pairs of bars: of the money, and of the purchases."""
    paid = {
        "label": f"Of what was paid in {currency}",
        "colour": "accent",
        "values": [_plain(share.of_total) for share in shares],
        "texts": [
            f"{formats.percent(share.of_total)}, {in_currency(share.total, currency)}"
            for share in shares
        ],
        "links": [share.paid_link for share in shares],
    }
    counted = {
        "label": "Of all purchases",
        "colour": "control",
        "values": [_plain(share.of_count) for share in shares],
        "texts": [
            f"{formats.percent(share.of_count)}, {_purchases(share.count)}" for share in shares
        ],
        "links": [share.link for share in shares],
    }
    return {
        "kind": "bars",
        "locale": _locale(),
        "labels": [share.name for share in shares],
        "sets": [paid, counted],
    }


def spans(lasting: Sequence[Lasting], scope: Scope) -> Chart:
    """Return warranties as bars from their first to their last day."""
    bars = {
        "label": "Warranty",
        "colours": [_COLOURS[one.status] for one in lasting],
        "values": [[one.first.isoformat(), one.last and one.last.isoformat()] for one in lasting],
        "texts": [f"{one.kind.label}, {one.status.label.lower()}: {_days(one)}" for one in lasting],
        "links": [one.link for one in lasting],
    }
    return {
        "kind": "spans",
        "locale": _locale(),
        "today": scope.viewer.today.isoformat(),
        "labels": [one.name for one in lasting],
        "sets": [bars],
    }


def _days(one: Lasting) -> str:
    if one.last is None:
        return f"{formats.day(one.first)}, for life"
    return formats.days(one.first, one.last)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _purchases(count: int) -> str:
    return f"{formats.number(count)} purchase{'' if count == 1 else 's'}"


def _locale() -> str:
    return str(settings.LOCALE).replace("_", "-")
