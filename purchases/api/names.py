"""Retailers and brands: what is told of them, and how they are changed. Both are alike."""

from typing import Annotated

from django.db import transaction
from django.db.models import FETCH_RAISE
from ninja import Schema
from pydantic import ConfigDict, Field

from occasions.models import Viewer
from people.programs.callers import ProgramRequest
from people.programs.fields import partial
from people.programs.forms import filled
from people.programs.matching import match
from people.programs.paging import Paging, RowKey
from people.programs.queries import address_of, readable
from people.searching import LONGEST
from purchases import keeping, shops
from purchases.api.fields import Like, PaidShown
from purchases.forms.names import ListForm, MergeForm, NameForm
from purchases.models import Brand, Retailer
from purchases.models.names import MAX_NAME


class SellerShown(Schema):
    """A retailer or a brand, with what you may see of what was bought there."""

    id: int
    name: str = Field(examples=["Corner shop"])
    link: str = Field(description="Its website.")
    purchases: int = Field(description="How many there are, returned or not.")
    paid: list[PaidShown] = Field(description="By currency, without what was returned.")

    @classmethod
    def of(cls, item: Retailer | Brand, uses: int, totals: shops.Totals) -> "SellerShown":
        paid = [
            PaidShown(currency=one.currency, price=one.price, amount=one.amount)
            for one in totals.by_currency
        ]
        return cls(id=item.pk, name=item.name, link=item.link, purchases=uses, paid=paid)


class SellerChange(Schema):
    """What is to be different: a missing key is untouched, null clears the website."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=partial)

    name: str = Field("", max_length=MAX_NAME, examples=["Corner shop"])
    link: Annotated[str, Field(max_length=2000)] | None = Field(
        None, description="Its website.", examples=["https://example.com/"]
    )


class SellerSent(SellerChange):
    """A new retailer or brand; names are the same regardless of case and space."""

    name: str = Field(max_length=MAX_NAME, examples=["Corner shop"])


class SellerMerging(Schema):
    """Which other one takes everything in."""

    model_config = ConfigDict(extra="forbid")

    into: RowKey


_SORTED = Like("^(-name|-?count)$", "Send -name, -count or count, or leave it out.")


class SellerFilter(Schema):
    """Which names are asked for."""

    q: str = Field("", max_length=LONGEST, description="Words in the name.")
    sort: Annotated[str, _SORTED] | None = Field(
        None, description="`-name`, `-count`, `count`; otherwise by name."
    )


class _ToldForm(NameForm):
    """The form of the page, which says without a link which other one has the name."""

    def taken_by(self, other: Retailer | Brand) -> str:
        there = f"“{other.name}” is on the list already, as {other.pk}."
        return there if self.item is None else f"{there} You can merge the two."


def listed[S: (Retailer, Brand)](
    model: type[S], viewer: Viewer, asked: SellerFilter, paging: Paging
) -> dict[str, object]:
    """Return the names that the viewer knows, with what was bought of each."""
    form = readable(ListForm(address_of(asked)))
    names = shops.found(model, viewer, form.text, form.order).fetch_mode(FETCH_RAISE)
    page = paging.cut(names, lambda item: item)
    totals = shops.totals_of(page["items"], viewer)
    told = [SellerShown.of(item, item.uses, totals[item.pk]) for item in page["items"]]
    return page | {"items": told}


def told[S: (Retailer, Brand)](item: S, viewer: Viewer) -> SellerShown:
    """Tell of one name as it is stored."""
    uses = shops.purchases_of(item, viewer).count()
    return SellerShown.of(item, uses, shops.totals_of([item], viewer)[item.pk])


def added[S: (Retailer, Brand)](model: type[S], viewer: Viewer, sent: SellerSent) -> SellerShown:
    """Write a name down for everybody."""
    known = shops.known(model, viewer)
    form = filled(lambda data: _ToldForm(data, known=known), sent)
    return told(keeping.add_name(model=model, **form.cleaned_data), viewer)


def changed[S: (Retailer, Brand)](
    request: ProgramRequest, model: type[S], viewer: Viewer, key: int, sent: SellerChange
) -> SellerShown:
    """Give one another name or website."""
    with transaction.atomic():
        item = _held(request, model, viewer, key, name=sent.name)
        known = shops.known(model, viewer)
        form = filled(lambda data: _ToldForm(data, known=known, item=item), sent)
        return told(keeping.rename(item=item, **form.cleaned_data), viewer)


def merged[S: (Retailer, Brand)](
    model: type[S], viewer: Viewer, key: int, sent: SellerMerging
) -> SellerShown:
    """Move everything that one has to another, and delete it."""
    item = shops.known_one(model, viewer, key)
    known = shops.known(model, viewer)
    form = filled(lambda data: MergeForm(data, known=known, item=item), sent)
    return told(keeping.merge(item=item, into=form.cleaned_data["into"]), viewer)


def removed[S: (Retailer, Brand)](
    request: ProgramRequest, model: type[S], viewer: Viewer, key: int
) -> None:
    """Delete one, unless something was bought there. Raises InUse."""
    with transaction.atomic():
        item = _held(request, model, viewer, key)
        keeping.remove(item=item, visible=shops.seen(viewer))


def _held[S: (Retailer, Brand)](
    request: ProgramRequest, model: type[S], viewer: Viewer, key: int, *, name: str = ""
) -> S:
    """Return a name that the viewer knows, held, as whoever asks has seen it."""
    keeping.hold_name(shops.known_one(model, viewer, key), name=name)
    item = shops.known_one(model, viewer, key)
    match(request, told(item, viewer))
    return item
