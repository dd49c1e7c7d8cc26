"""What programs send about a purchase, read by the form that people type into."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from ninja import Schema
from pydantic import ConfigDict, Field

from budgets.wire import Amount
from occasions.models import Gift, Viewer
from people.programs.fields import Day, Flag, partial
from people.programs.forms import filled, refused
from people.programs.paging import RowKey
from people.programs.problems import Refused, invalid, within
from purchases import shops
from purchases.api.fields import Currency, Like, NameOrKey, RateSent, Status
from purchases.api.warranties import WarrantySent
from purchases.forms.purchases import PurchaseForm
from purchases.forms.warranties import WarrantyForm
from purchases.models import Attachment, Brand, Purchase, Retailer
from purchases.models.names import MAX_NAME
from purchases.models.purchase import MAX_NOTES, MAX_QUANTITY

_MOST_TAGS = 100
#: The most warranties, and papers, of a purchase that is written down.
_MOST = 20

#: Tags stand between commas, wherever people type them.
Tag = Annotated[
    str, Field(max_length=MAX_NAME), Like("^[^,]*$", "A tag has no comma: send two of them.")
]
Tags = Annotated[list[Tag], Field(max_length=_MOST_TAGS)]
Whole = Annotated[int, Field(strict=True, ge=1, le=MAX_QUANTITY)]
Short = Annotated[str, Field(max_length=100)]


GiftMeant = Annotated[
    RowKey | None, Field(description="The gift it was bought for, which is marked as bought.")
]


class _Purchase(Schema):
    """What programs say of a purchase, but for which gift it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=partial)

    name: str = Field("", max_length=255, examples=["Kettle"])
    price: Amount | None = Field(
        None, description="What was paid for all of it, in its own currency."
    )
    currency: Currency | None = Field(
        None, description="Null is the base currency, as it is for a new one."
    )
    exchange_rate: RateSent | None = Field(
        None, description="What one unit of another currency is in the base one."
    )
    quantity: Whole = 1
    purchased_on: Day | None = Field(None, description="Not in the future; today for a new one.")
    status: Status = "received"
    retailer: NameOrKey | None = Field(None, description="A new name is added by itself.")
    brand: NameOrKey | None = Field(None, description="A new name is added by itself.")
    tags: Tags | None = None
    order_number: Short | None = None
    model_number: Short | None = None
    serial_number: Short | None = None
    link: Annotated[str, Field(max_length=2000)] | None = Field(
        None, examples=["https://example.com/kettle"]
    )
    return_by: Day | None = Field(None, description="The last day to return it.")
    return_policy: Annotated[str, Field(max_length=500)] | None = None
    tax_deductible: Flag = False
    notes: Annotated[str, Field(max_length=MAX_NOTES)] | None = None
    shared: Flag = Field(False, description="Whether the household sees it.")


class PurchaseChange(_Purchase):
    """What is to be different of a purchase: a missing key is untouched, null clears."""

    gift: GiftMeant = None


class GiftBuying(_Purchase):
    """How a gift was bought. What is left out is as the gift has it; nothing else is needed."""

    warranties: Annotated[list[WarrantySent], Field(max_length=_MOST)] = []
    attachments: Annotated[list[RowKey], Field(max_length=_MOST)] = Field(
        [], description="Papers that were sent ahead and wait."
    )


class PurchaseSent(GiftBuying):
    """A new purchase: a name and a price are needed."""

    model_config = ConfigDict(json_schema_extra=None)

    name: str = Field(max_length=255, examples=["Kettle"])
    price: Amount = Field(description="What was paid for all of it, in its own currency.")
    gift: GiftMeant = None


def read(
    sent: PurchaseChange | GiftBuying,
    viewer: Viewer,
    *,
    purchase: Purchase | None = None,
    gift: Gift | None = None,
) -> PurchaseForm:
    """Return the form with what was sent in it, found valid. Raises Refused.

    What a new one begins with is as the page has it, for the gift that it is to be bought for.
    """
    asked = {"gift": str(gift.pk)} if gift else {}
    typed = sent.model_copy(update=_typed(sent, viewer, purchase))
    form = filled(
        lambda data: PurchaseForm(data, viewer=viewer, purchase=purchase, asked=asked), typed
    )
    _check_rate(sent, form.cleaned_data["currency"])
    return form


def _typed(
    sent: PurchaseChange | GiftBuying, viewer: Viewer, purchase: Purchase | None
) -> dict[str, Any]:
    """Return what stands in the form where a program says it in another way."""
    said = sent.model_fields_set
    typed: dict[str, Any] = {}
    if isinstance(sent.retailer, int):
        typed["retailer"] = _name_of(Retailer, sent.retailer, viewer)
    if isinstance(sent.brand, int):
        typed["brand"] = _name_of(Brand, sent.brand, viewer)
    if "currency" in said and sent.currency is None:
        typed["currency"] = settings.CURRENCY
    if "tags" in said:
        typed["tags"] = ", ".join(sent.tags or ())
    if "shared" in said:
        typed["shared"] = "shared" if sent.shared else ""
    if purchase and _is_another_currency(sent, purchase) and "exchange_rate" not in said:
        typed["exchange_rate"] = None
    return typed


def _check_rate(sent: PurchaseChange | GiftBuying, currency: str) -> None:
    """Raise Refused for a rate that would be passed over: the page asks for none there."""
    if currency != settings.CURRENCY or sent.exchange_rate is None:
        return
    if Decimal(sent.exchange_rate) != 1:
        said = f"{currency} is the base currency: leave the rate out, or send 1."
        raise Refused(invalid({"exchange_rate": [said]}))


def _is_another_currency(sent: _Purchase, purchase: Purchase) -> bool:
    """Tell whether the rate that is stored is none for the currency that was sent."""
    return sent.currency is not None and sent.currency.strip().upper() != purchase.currency


def _name_of[S: (Retailer, Brand)](model: type[S], key: int, viewer: Viewer) -> str:
    item = shops.known(model, viewer).filter(pk=key).first()
    if item is None:
        one = str(model._meta.verbose_name)
        raise Refused(invalid({one: [f"You know of no {one} with this id."]}))
    return item.name


def warranties_of(sent: GiftBuying, form: PurchaseForm) -> list[dict[str, Any]]:
    """Return the values of the warranties that come with a purchase. Raises Refused."""
    bought_on = form.cleaned_data["purchased_on"]
    read = []
    for number, one in enumerate(sent.warranties):
        with within(f"warranties.{number}"):
            form_of_one = filled(lambda data: WarrantyForm(data, bought_on=bought_on), one)
            read.append(form_of_one.values())
    return read


def papers_of(sent: GiftBuying, viewer: Viewer) -> list[Attachment]:
    """Return the papers that wait for a purchase. Raises Refused for one that does not."""
    waiting = Attachment.objects.filter(purchase__isnull=True, uploaded_by=viewer.user)
    found = {paper.pk: paper for paper in waiting.filter(pk__in=sent.attachments)}
    errors = {
        f"attachments.{number}": ["No paper of yours waits under this id."]
        for number, key in enumerate(sent.attachments)
        if key not in found
    }
    if errors:
        raise Refused(invalid(errors))
    return list(found.values())


@contextmanager
def told_by(form: PurchaseForm) -> Iterator[None]:
    """Tell what a verb refuses at the fields of the form."""
    try:
        yield
    except ValidationError as refusal:
        form.refuse(refusal)
        raise refused(form) from None
