"""How the purchases divide among retailers or brands, by number and by money."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from budgets.money import ZERO
from budgets.splits import percentages
from purchases.analysis.scope import Scope
from purchases.analysis.totals import Group
from purchases.models import Brand, Retailer

#: How many names stand by themselves; the smaller ones stand together.
SHOWN = 8
#: What a list of purchases calls those without a retailer or a brand.
NONE = "none"
#: The key of the smaller ones together; no row has it.
_REST = 0


@dataclass(frozen=True, slots=True)
class Share:
    """One part: `count` is of all purchases, `total` is what was paid in one currency.

    `link` leads to the purchases, `paid_link` to those in the currency; "" for several names.
    `key` is that of the retailer or the brand, None for purchases without and for several names.
    """

    name: str
    count: int
    total: Decimal
    of_count: Decimal
    of_total: Decimal
    link: str
    paid_link: str
    key: int | None = None


@dataclass(slots=True)
class _Part:
    key: int | None
    count: int = 0
    total: Decimal = ZERO


def shares(
    model: type[Retailer | Brand], groups: Iterable[Group], scope: Scope, currency: str
) -> list[Share]:
    """Return the shares of the largest ones, of all others together and of purchases without.

    The percentages of each kind add up to exactly 100.00, unless there is nothing to divide.
    """
    one = str(model._meta.model_name)
    parts = _parts(groups, currency)
    named = [part for part in parts if part.key is not None]
    named.sort(key=lambda part: (-part.total, -part.count, part.key))
    none = [part for part in parts if part.key is None]
    # One that is left over is no more than itself.
    most = SHOWN if len(named) > SHOWN + 1 else len(named)
    rest = [_together(named[most:])] if named[most:] else []
    shown = [*named[:most], *rest, *none]
    names = {
        **model._default_manager.in_bulk([part.key for part in named[:most]]),
        None: f"No {one}",
        _REST: f"{len(named) - most} others",
    }
    # One that has just been merged has no name any more.
    labels = [str(names.get(part.key, f"A {one}")) for part in shown]
    return _drawn(shown, labels, one, scope, currency)


def _parts(groups: Iterable[Group], currency: str) -> list[_Part]:
    """Add up the groups of each retailer, or of each brand, over the currencies."""
    parts: dict[int | None, _Part] = {}
    for group in groups:
        part = parts.setdefault(group.key, _Part(group.key))
        part.count += group.count
        if group.currency == currency:
            part.total += group.price
    return list(parts.values())


def _together(parts: Iterable[_Part]) -> _Part:
    whole = _Part(_REST)
    for part in parts:
        whole.count += part.count
        whole.total += part.total
    return whole


def _drawn(
    parts: Sequence[_Part], names: Sequence[str], one: str, scope: Scope, currency: str
) -> list[Share]:
    of_count = percentages([Decimal(part.count) for part in parts])
    of_total = percentages([part.total for part in parts])
    drawn = []
    for part, name, by_count, by_total in zip(parts, names, of_count, of_total, strict=True):
        links = ("", "")
        if part.key != _REST:
            asked = {one: NONE if part.key is None else part.key}
            links = scope.list_url(**asked), scope.list_url(**asked, currency=currency)
        key = part.key or None
        drawn.append(Share(name, part.count, part.total, by_count, by_total, *links, key))
    return drawn
