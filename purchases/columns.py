"""The columns of purchases: those that a page offers, and all of them for a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypedDict, cast

from django.conf import settings
from django.db.models import Case, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django_stubs_ext import WithAnnotations

from budgets.sheets import exact
from occasions.models import Gift, Viewer
from purchases.models import Purchase, PurchaseQuerySet, Warranty
from purchases.models.purchase import has_gift

#: How many purchases are read at once for a file.
CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the list; `sort` is the name of the order that it stands for."""

    name: str
    label: str
    sort: str = ""
    is_number: bool = False
    is_usual: bool = False
    #: Whether it stands below the name, without a column of its own.
    is_below: bool = False
    #: Whether the first tap on its head puts the latest or the most first.
    falls: bool = False


NAME = Column("name", "Name", "name")
#: What can be shown beside the name, in this order.
COLUMNS = (
    Column("retailer", "Retailer", is_usual=True, is_below=True),
    Column("brand", "Brand", is_usual=True, is_below=True),
    Column("tags", "Tags", is_usual=True, is_below=True),
    Column("owner", "Whose"),
    Column("order_number", "Order number"),
    Column("model_number", "Model number"),
    Column("serial_number", "Serial number"),
    Column("day", "Bought", "day", is_usual=True, falls=True),
    Column("return_by", "Returnable until"),
    Column("quantity", "Quantity", is_number=True),
    Column("unit_price", "Unit price", is_number=True),
    Column("price", "Price", "price", is_number=True, is_usual=True, falls=True),
    Column("tax", "Tax deductible"),
    Column("status", "Status", "status", is_usual=True),
    Column("warranty", "Warranty", is_usual=True),
)


@dataclass(frozen=True, slots=True)
class Head:
    """A head of the table, and where it leads: `asks` is what changes in the address."""

    column: Column
    #: As ARIA says it; "" when the list is sorted by something else.
    sorted: str
    asks: dict[str, str | None]


def shown(chosen: Sequence[str]) -> list[Column]:
    """Return the chosen columns, or the usual ones when none is chosen."""
    columns = [column for column in COLUMNS if column.name in chosen]
    return columns or [column for column in COLUMNS if column.is_usual]


def heads(columns: Sequence[Column], order: str) -> list[Head]:
    """Return the heads of the name and of these columns, in a list that is sorted by `order`."""
    return [_head(column, order) for column in (NAME, *columns)]


def _head(column: Column, order: str) -> Head:
    name, falling = column.sort, f"-{column.sort}"
    if not name or order not in {name, falling}:
        return Head(column, "", {"sort": falling if column.falls else name, "page": None})
    if order == name:
        return Head(column, "ascending", {"sort": falling, "page": None})
    return Head(column, "descending", {"sort": name, "page": None})


CSV_HEADER = [
    "name",
    "retailer",
    "brand",
    "tags",
    "bought on",
    "price",
    "currency",
    "exchange rate",
    "amount",
    "quantity",
    "unit price",
    "status",
    "order number",
    "model number",
    "serial number",
    "link",
    "returnable until",
    "return policy",
    "tax deductible",
    "notes",
    "owner",
    "shared",
    "gift",
    "warranties",
    "papers",
    "uid",
    "source",
    "source id",
    "secret until",
    "base currency",
]


class _Surprise(TypedDict):
    surprise_until: date | None
    is_gift: bool


type _Told = WithAnnotations[Purchase, _Surprise]


def csv_rows(purchases: PurchaseQuerySet, viewer: Viewer) -> Iterator[list[object]]:
    """Yield purchases that `viewer` may see as CSV cells, in the order of the header."""
    known = purchases.annotate(surprise_until=_surprise_until(viewer), is_gift=has_gift(viewer))
    told = cast("QuerySet[_Told]", known)
    for one in told.iterator(chunk_size=CHUNK):
        yield [
            one.name,
            one.retailer.name if one.retailer else "",
            one.brand.name if one.brand else "",
            ", ".join(tag.name for tag in one.tags.all()),
            one.purchased_on,
            exact(one.price),
            one.currency,
            one.exchange_rate.normalize(),
            exact(one.amount),
            one.quantity,
            one.unit_price,
            one.status,
            one.order_number,
            one.model_number,
            one.serial_number,
            one.link,
            one.return_by,
            one.return_policy,
            one.tax_deductible,
            one.notes,
            one.owner.display_name if one.owner else "",
            one.shared,
            one.is_gift,
            "; ".join(_promise(warranty) for warranty in one.warranties.all()),
            len(one.attachments.all()),
            str(one.uid),
            one.source,
            one.source_id,
            one.surprise_until,
            settings.CURRENCY,
        ]


def _surprise_until(viewer: Viewer) -> Coalesce:
    """Return until when a purchase is a surprise, as far as the viewer knows of its gift.

    Days that have passed are left out: a gift that is gone stays unknown to whom it was for.
    """
    gifts = Gift.objects.visible_to(viewer).filter(pk=OuterRef("gift_id"))
    of_gift = gifts.filter(occasion__date__gte=viewer.open_before).values("occasion__date")
    still_secret = Case(When(secret_until__gte=viewer.open_before, then="secret_until"))
    return Coalesce(Subquery(of_gift), still_secret)


def _promise(warranty: Warranty) -> str:
    """Write a warranty in a cell: "extended from 2026-01-02 to 2028-01-01, voided"."""
    until = f"to {warranty.ends_on}" if warranty.ends_on else "for life"
    voided = ", voided" if warranty.voided else ""
    return f"{warranty.kind} from {warranty.starts_on} {until}{voided}"
