"""Rows that meet a purchase which is there: by its name at the origin, or by how it looks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from budgets.sheets import exact
from occasions.models import Viewer
from people.models import User
from purchases.importing.batches.judging import Refused, is_of_another, uid_of
from purchases.importing.rows import Row
from purchases.models import ImportRow, Purchase
from purchases.naming import fold, tidy

#: What every row says, and how a difference in it is told.
_FIGURES = {
    "price": "price",
    "currency": "currency",
    "quantity": "quantity",
    "purchased_on": "day",
    "status": "status",
    "name": "name",
}
#: What a row says when it is not blank.
_MORE = (
    *("retailer", "brand", "order_number", "model_number", "serial_number", "link", "return_by"),
    *("return_policy", "notes", "exchange_rate"),
)
#: What only a file of ours says for certain.
_OURS = ("tax_deductible", "shared", "tags")
#: What is too long to be told.
_LONG = {"notes", "tags", "link", "return_policy"}
#: The versions at which an import left what it brought up to date, and what it put back.
_MARKS = ("version", "undone")
#: What stands in a row whose format does not know better.
_USUAL: Mapping[str, Any] = {"quantity": 1, "status": Purchase.Status.RECEIVED}


@dataclass(frozen=True, slots=True)
class Met:
    """The purchases of one owner that rows name."""

    by_uid: Mapping[UUID, Purchase]
    by_origin: Mapping[tuple[str, str], Purchase]
    #: The versions at which imports left those that they brought up to date.
    left_at: Mapping[int, set[int]]

    @classmethod
    def of(cls, rows: Iterable[Row], owner: User) -> "Met":
        """Find them by as many queries as one row takes."""
        rows = list(rows)
        theirs = Purchase.objects.filter(owner=owner).select_related("owner", "retailer", "brand")
        theirs = theirs.prefetch_related("tags").order_by()
        uids = [uid for uid in map(uid_if_any, rows) if uid]
        origins = {(row.source, row.source_id) for row in rows if row.source_id}
        by_uid = {one.uid: one for one in theirs.filter(uid__in=uids)} if uids else {}
        found = theirs.of_origins(origins) if origins else ()
        by_origin = {(one.source, one.source_id): one for one in found}
        edited = [one for one in (*by_uid.values(), *by_origin.values()) if one.version > 1]
        return cls(by_uid, by_origin, _left_at(edited))

    def with_name_of(self, row: Row) -> Purchase | None:
        """Return the purchase that a row names, by our name for it or by that at its origin."""
        uid = uid_if_any(row)
        known = self.by_uid.get(uid) if uid else None
        return known or (self.by_origin.get((row.source, row.source_id)) if row.source_id else None)

    def is_touched(self, purchase: Purchase) -> bool:
        """Tell whether somebody changed a purchase since an import left it."""
        left = self.left_at.get(purchase.pk, set())
        return purchase.version > 1 and purchase.version not in left


def uid_if_any(row: Row) -> UUID | None:
    try:
        return uid_of(row) if row.uid else None
    except Refused:
        return None


def whose(rows: Iterable[Row], viewer: Viewer) -> dict[UUID, str]:
    """Return who owns what these rows name and `viewer` may see of others; "" for nobody."""
    uids = [uid for uid in map(uid_if_any, rows) if uid]
    if not uids:
        return {}
    seen = Purchase.objects.live().visible_to(viewer).exclude(owner=viewer.user)
    found = seen.filter(uid__in=uids).select_related("owner").order_by("-pk")
    return {one.uid: one.owner.display_name if one.owner else "" for one in found}


def _left_at(purchases: Sequence[Purchase]) -> dict[int, set[int]]:
    left: dict[int, set[int]] = {}
    for key, before in _updates([purchase.pk for purchase in purchases]):
        left.setdefault(key, set()).update(before[name] for name in _MARKS if name in before)
    return left


def _updates(purchases: Collection[int]) -> list[tuple[int, dict[str, Any]]]:
    """Return what imports noted when they brought these up to date, and when they put them back."""
    if not purchases:
        return []
    done = (ImportRow.Outcome.UPDATED, ImportRow.Outcome.UNDONE)
    rows = ImportRow.objects.filter(purchase__in=purchases, outcome__in=done).order_by()
    return [(key, before) for key, before in rows.values_list("purchase", "before") if before]


def versions_left(purchases: Collection[int]) -> dict[int, set[int]]:
    """Return by their keys at which versions imports left purchases that an import added.

    A version counts only when nobody else made one before it: what was edited by hand in between
    is still there, although an import came after.
    """
    steps: dict[int, list[tuple[int, int]]] = {}
    for key, before in _updates(purchases):
        version = before["version"]
        made = [version, before["undone"]] if "undone" in before else [version]
        steps.setdefault(key, []).extend((one - 1, one) for one in made)
    left = {key: {1} for key in purchases}
    for key, some in steps.items():
        left[key].update(_chained(some))
    return left


def _chained(steps: Iterable[tuple[int, int]]) -> set[int]:
    reached = {1}
    for begins, ends in sorted(steps):
        if begins in reached:
            reached.add(ends)
    return reached


def changes(row: Row, purchase: Purchase) -> dict[str, Any]:
    """Return what a row says otherwise than a purchase that is there, by field."""
    names = [*_FIGURES, *(name for name in _MORE if getattr(row, name) not in ("", None))]
    if row.uid:
        names += [name for name in _OURS if name != "shared" or _says_who_sees(row, purchase)]
    return {
        name: getattr(row, name)
        for name in names
        if _key(name, getattr(row, name)) != _key(name, stored(purchase, name))
        and not _is_unsaid(row, purchase, name)
    }


def _says_who_sees(row: Row, purchase: Purchase) -> bool:
    """Tell whether a row has a say in who may see a purchase: that of another has none."""
    is_foreign = purchase.owner is not None and is_of_another(row, purchase.owner)
    return not is_foreign and not _is_surprise(row, purchase)


def _is_surprise(row: Row, purchase: Purchase) -> bool:
    """Tell whether a gift decides, here or in the file, who may see it."""
    was_for_gift = row.was_for_gift or row.secret_until is not None
    return was_for_gift or purchase.is_surprise


def stored(purchase: Purchase, name: str) -> Any:
    """Return a value of a purchase as the verbs take it: names as text."""
    if name == "tags":
        return tuple(tag.name for tag in purchase.tags.all())
    value = getattr(purchase, name)
    if name in {"retailer", "brand"}:
        return value.name if value else ""
    return value


def _key(name: str, value: Any) -> Any:
    """Return a value as it is compared."""
    match name:
        case "tags":
            return sorted({fold(tag) for tag in value} - {""})
        case "retailer" | "brand":
            return fold(value)
        case "name":
            return tidy(value)
        case "notes":
            return "\n".join(value.splitlines()).strip()
        case _:
            return value


def _is_unsaid(row: Row, purchase: Purchase, name: str) -> bool:
    """Tell whether a value stands in the row only because its format knows no other.

    What was sent back, or counted, by hand must not be undone by a file that says nothing of it.
    """
    if row.uid or getattr(row, name) != _USUAL.get(name, row):
        return False
    return name == "quantity" or purchase.status == Purchase.Status.RETURNED


def told(found: Mapping[str, Any], purchase: Purchase) -> str:
    """Return differences in words: "price 13.05, not 14.00"."""
    return ", ".join(
        f"{_label(name)} that differs"
        if name in _LONG
        else f"{_label(name)} {_shown(stored(purchase, name))}, not {_shown(new)}"
        for name, new in found.items()
    )


def _label(name: str) -> str:
    return _FIGURES.get(name, name.replace("_", " "))


def _shown(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{exact(value):f}"
        case "" | None:
            return "none"
        case str():
            return value if len(value) <= 60 else f"{value[:59]}…"
        case _:
            return str(value)


#: What makes two purchases look alike: the folded name, the day, the price and its currency.
type Looks = tuple[str, date, Decimal, str]


def looks(row: Row) -> Looks:
    return fold(row.name)[:255], row.purchased_on, row.price, row.currency


def lookalikes(rows: Sequence[Row], owner: User, met: "Met") -> set[Looks]:
    """Return how those purchases look that no row names, among those that rows look like."""
    if not rows:
        return set()
    named = {one.pk for one in (*met.by_uid.values(), *met.by_origin.values())}
    theirs = Purchase.objects.live().filter(owner=owner).order_by()
    found = theirs.filter(
        name_key__in={fold(row.name)[:255] for row in rows},
        purchased_on__in={row.purchased_on for row in rows},
    )
    looking = found.values_list("name_key", "purchased_on", "price", "currency", "pk")
    return {(name, day, price, code) for name, day, price, code, key in looking if key not in named}
