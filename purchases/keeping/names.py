"""Writing down retailers, brands and tags, each name once regardless of case and space."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction

from occasions.access import viewer_of
from people.models import User
from purchases.keeping.search import refresh_search
from purchases.models import Brand, Purchase, PurchaseQuerySet, Retailer, Tag
from purchases.models.names import MAX_NAME, Name
from purchases.naming import fold, tidy
from purchases.naming import tags as read_tags

#: What a purchase calls them.
FIELDS: Mapping[type[Name], str] = {Retailer: "retailer", Brand: "brand", Tag: "tags"}


class InUse(Exception):
    """So many purchases still have the name that was to go."""

    def __init__(self, uses: int) -> None:
        super().__init__(uses)
        self.uses = uses


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes a name down, and when: what they may not know must not be told by it."""

    user: User
    now: datetime


@transaction.atomic
def named[N: (Retailer, Brand, Tag)](
    model: type[N], text: str, *, writer: Writer | None = None
) -> N | None:
    """Return the row of that name, made when there is none; None for no name.

    One that the `writer` cannot know of is spelled as they typed it from now on, and its website
    forgotten: either would tell them of it. Until the transaction ends nobody can rename, merge or
    remove the row. Raises ValidationError for a name that is too long.
    """
    if not tidy(text):
        return None
    name = checked(text)
    held = model.objects.select_for_update(no_key=True)
    item, _ = held.get_or_create(key=model.key_of(name), defaults={"name": name})
    tells = item.name != name or link_of(item)
    if writer and tells and not _is_known(item, writer):
        write_anew(item, name)
        item.save()
    return item


def link_of(item: Retailer | Brand | Tag) -> str:
    """Return the website of a name; tags have none."""
    return item.link if isinstance(item, Retailer | Brand) else ""


def write_anew(item: Retailer | Brand | Tag, name: str, link: str = "") -> None:
    """Call a row by another spelling, as if it were written down only now."""
    item.name = name
    if isinstance(item, Retailer | Brand):
        item.link = link


def tagged(names: Iterable[str], *, writer: Writer | None = None) -> list[Tag]:
    """Return the tags of these names, as `named` does; they are held in one order."""
    tags = (named(Tag, name, writer=writer) for name in sorted(read_tags(*names), key=fold))
    return [tag for tag in tags if tag is not None]


def _is_known(item: Retailer | Brand | Tag, writer: Writer) -> bool:
    """Tell whether `item` is listed, or a purchase has it that `writer` may see."""
    if isinstance(item, Retailer | Brand) and item.listed:
        return True
    seen = Purchase.objects.live().visible_to(viewer_of(writer.user, now=writer.now))
    return seen.filter(**{FIELDS[type(item)]: item}).exists()


@transaction.atomic
def add_name[S: (Retailer, Brand)](*, model: type[S], name: str, link: str) -> S:
    """Write a name down for everybody; one that is there already is listed from now on.

    Raises ValidationError for no name and for one that is too long.
    """
    name = checked(name)
    item = named(model, name)
    assert item is not None  # noqa: S101  (a checked name is never empty)
    if not item.listed:
        item.name, item.link, item.listed = name, link, True
        item.save(update_fields=["name", "link", "listed"])
    return item


@transaction.atomic
def rename[N: (Retailer, Brand, Tag)](*, item: N, name: str, link: str | None = None) -> N:
    """Give `item` another name, and another website unless that is None.

    Whatever has that name already is merged into it: a refusal would tell of one that must not be
    known. Raises ValidationError as `add_name` does, and DoesNotExist when `item` is gone.
    """
    name = checked(name)
    if isinstance(item, Tag):
        name = checked_tag(name)
    hold_name(item, name=name)
    item.refresh_from_db()
    # Held until it gives way: nobody else can take the name meanwhile.
    other = named(type(item), name)
    if other is not None and other.pk != item.pk:
        _take_in(item, other)
    item.name, item.key = name, item.key_of(name)
    if link is not None and not isinstance(item, Tag):
        item.link = link
    item.save()
    refresh_search(item.purchases.all())
    return item


@transaction.atomic
def merge[N: (Retailer, Brand, Tag)](*, item: N, into: N) -> N:
    """Move everything that `item` has to `into`, and delete `item`.

    Raises ValidationError when both are the same, and DoesNotExist when one is gone.
    """
    if item.pk == into.pk:
        raise ValidationError("Choose another one to merge it with.")
    _hold(item, into)
    item.refresh_from_db()
    into.refresh_from_db()
    moved = list(item.purchases.only("pk"))
    if isinstance(into, Retailer | Brand):
        into.link = into.link or cast(Retailer | Brand, item).link
    _take_in(into, item)
    into.save()
    refresh_search(moved)
    return into


@transaction.atomic
def remove[S: (Retailer, Brand)](*, item: S, visible: PurchaseQuerySet) -> None:
    """Delete a name; one that other purchases still have is only listed no more.

    Both are answered alike; only the number in its address, when it is added again, may tell them
    apart. Raises InUse when some of the purchases that are `visible` to whoever removes it have
    it, and DoesNotExist when it is gone.
    """
    _hold(item)
    item.refresh_from_db()
    if uses := visible.filter(pk__in=item.purchases.values("pk")).count():
        raise InUse(uses)
    if item.purchases.exists():
        item.link, item.listed = "", False
        item.save(update_fields=["link", "listed"])
    else:
        item.delete()


def checked(text: str) -> str:
    """Return a name as it is kept. Raises ValidationError for none and for one too long."""
    name = tidy(text)
    if not name:
        raise ValidationError("Enter a name.", code="required")
    if len(name) > MAX_NAME:
        raise ValidationError(f"Use at most {MAX_NAME} characters.", code="max_length")
    return name


def checked_tag(text: str) -> str:
    """Return a tag as `checked` does. Raises ValidationError for one with a comma too."""
    name = checked(text)
    if "," in name:
        raise ValidationError("A tag has no comma.", code="comma")
    return name


def hold_name[N: (Retailer, Brand, Tag)](item: N, *, name: str = "") -> None:
    """Keep `item` to this transaction as the verbs do, and whatever is called `name` already.

    For who looks at it before a verb changes it: locks are taken in one order then.
    """
    others = type(item).objects.filter(key=item.key_of(name)).exclude(pk=item.pk)
    _hold(item, *(others if name else ()))


def _hold[N: (Retailer, Brand, Tag)](*items: N) -> None:
    """Keep these rows and their purchases to this transaction until it ends.

    Purchases come first, as for whoever changes one, and each kind in the order of its keys.
    """
    model, keys = type(items[0]), [item.pk for item in items]
    uses = Purchase.objects.filter(**{f"{FIELDS[model]}__in": keys}).order_by("pk")
    list(uses.select_for_update(of=("self",), no_key=True).values_list("pk"))
    rows = model.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    list(rows.values_list("pk"))


def _take_in[N: (Retailer, Brand, Tag)](item: N, other: N) -> None:
    """Give `item` the purchases of `other`, which goes; `item` is still to be saved."""
    if isinstance(item, Tag):
        item.purchases.add(*other.purchases.all())
    else:
        other.purchases.update(**{FIELDS[type(item)]: item})
        item.listed = item.listed or cast(Retailer | Brand, other).listed
    other.delete()
