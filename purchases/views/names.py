"""Retailers and brands: the lists, one of them, and what is written about it.

Both have the same pages. What only hidden purchases have is not there: its page is a 404, and
adding, renaming and deleting are answered as if it were not, but for the number in the address of
one that is added: the numbers of new ones are in order.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.db.models import FETCH_RAISE
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from budgets import formats
from occasions.access import viewer_of
from occasions.models import Viewer
from people.access import MemberRequest
from purchases import keeping, shops
from purchases.forms.names import ListForm, MergeForm, NameForm
from purchases.models import Brand, Purchase, Retailer

#: How many names stand on one page, and how many purchases on the page of one.
PAGE, RECENT = 20, 10


@dataclass(frozen=True, slots=True)
class Kind[S: (Retailer, Brand)]:
    """Which of the two a page is about, and how it is spoken of."""

    model: type[S]
    #: What a purchase calls it, and the parameter of the list of purchases.
    one: str
    many: str
    icon: str
    lead: str
    empty: str

    @property
    def list_url(self) -> str:
        return reverse(f"{self.many}:list")

    @property
    def add_url(self) -> str:
        return reverse(f"{self.many}:add")


RETAILERS = Kind(
    Retailer,
    "retailer",
    "retailers",
    "tag",
    "Where things were bought, and for how much.",
    "No retailer is here yet. The ones of your purchases come by themselves.",
)
BRANDS = Kind(
    Brand,
    "brand",
    "brands",
    "star",
    "Who made what was bought, and for how much.",
    "No brand is here yet. The ones of your purchases come by themselves.",
)


@require_http_methods(["GET"])
def index(request: MemberRequest, kind: Kind[Any]) -> HttpResponse:
    """List the names that the viewer knows, with what was bought of each."""
    viewer = _viewer(request)
    form = ListForm(request.GET)
    names = shops.found(kind.model, viewer, form.text, form.order).fetch_mode(FETCH_RAISE)
    page = Paginator(names, PAGE).get_page(request.GET.get("page"))
    items = list(page.object_list)
    totals = shops.totals_of(items, viewer)
    rows = [(item, totals[item.pk]) for item in items]
    context = {"kind": kind, "form": form, "page": page, "rows": rows}
    return render(request, "names/list.html", context)


@require_http_methods(["GET"])
def detail(request: MemberRequest, kind: Kind[Any], pk: int) -> HttpResponse:
    """Show one name with its figures and what was bought last."""
    viewer = _viewer(request)
    item = shops.known_one(kind.model, viewer, pk)
    purchases = shops.purchases_of(item, viewer)
    context = {
        "kind": kind,
        "item": item,
        "uses": purchases.count(),
        "returned": purchases.filter(status=Purchase.Status.RETURNED).count(),
        "totals": shops.totals_of([item], viewer)[item.pk],
        "recent": purchases.select_related("owner").fetch_mode(FETCH_RAISE)[:RECENT],
        "viewer": viewer,
    }
    return render(request, "names/detail.html", context)


@require_http_methods(["GET", "POST"])
def add(request: MemberRequest, kind: Kind[Any]) -> HttpResponse:
    """Write down a name; one that is there unknown to the viewer is theirs to know from now on."""
    known = shops.known(kind.model, _viewer(request))
    form = NameForm(_posted(request), known=known)
    if form.is_valid():
        item = keeping.add_name(model=kind.model, **form.cleaned_data)
        messages.success(request, f"“{item.name}” is saved.")
        return redirect(item)
    context = {"kind": kind, "form": form}
    return render(request, "names/form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def change(request: MemberRequest, kind: Kind[Any], pk: int) -> HttpResponse:
    """Give one another name or website."""
    viewer = _viewer(request)
    item = shops.known_one(kind.model, viewer, pk)
    form = NameForm(_posted(request), known=shops.known(kind.model, viewer), item=item)
    if form.is_valid():
        with _still_there():
            saved = keeping.rename(item=item, **form.cleaned_data)
        messages.success(request, f"“{saved.name}” is saved.")
        return redirect(saved)
    context = {"kind": kind, "form": form, "item": item}
    return render(request, "names/form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def merge(request: MemberRequest, kind: Kind[Any], pk: int) -> HttpResponse:
    """Ask which other one takes everything in, then move it there."""
    viewer = _viewer(request)
    item = shops.known_one(kind.model, viewer, pk)
    known, uses = shops.known(kind.model, viewer), shops.purchases_of(item, viewer).count()
    asked = request.GET.get("into", "")
    form = MergeForm(_posted(request), known=known, item=item, asked=asked)
    if form.is_valid():
        with _still_there():
            into = keeping.merge(item=item, into=form.cleaned_data["into"])
        messages.success(request, f"“{item.name}” is part of “{into.name}” now.{_moved(uses)}")
        return redirect(into)
    context = {"kind": kind, "form": form, "item": item, "uses": uses}
    return render(request, "names/merge.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def delete(request: MemberRequest, kind: Kind[Any], pk: int) -> HttpResponse:
    """Ask whether a name is to go, then delete it, unless something was bought there."""
    viewer = _viewer(request)
    item = shops.known_one(kind.model, viewer, pk)
    uses = shops.purchases_of(item, viewer).count()
    if request.method == "POST":
        try:
            with _still_there():
                keeping.remove(item=item, visible=shops.seen(viewer))
        except keeping.InUse as refusal:
            uses = refusal.uses
        else:
            messages.success(request, f"“{item.name}” is deleted.")
            return redirect(kind.list_url)
    context = {"kind": kind, "item": item, "uses": uses}
    status = 409 if request.method == "POST" else 200
    return render(request, "names/delete.html", context, status=status)


def _viewer(request: MemberRequest) -> Viewer:
    return viewer_of(request.user, now=timezone.now())


def _posted(request: MemberRequest) -> Any:
    return request.POST if request.method == "POST" else None


@contextmanager
def _still_there() -> Iterator[None]:
    """Answer what somebody else has just merged or deleted with 404."""
    try:
        yield
    except ObjectDoesNotExist:
        raise Http404 from None


def _moved(uses: int) -> str:
    """Say how many purchases of the viewer's moved along."""
    match uses:
        case 0:
            return ""
        case 1:
            return " 1 purchase moved along."
        case _:
            return f" {formats.number(uses)} purchases moved along."
