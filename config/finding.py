"""Finding anything by typing: pages, actions, and what is written down, each kind a group.

What must stay a surprise to somebody is not found by them, and nothing counts it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Case, F, Q, Value, When
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from budgets import formats
from config.places import ACTIONS, PAGES, Place
from occasions import lists as gift_lists
from occasions.access import viewer_of
from occasions.models import Gift, Occasion, Viewer
from people.access import MemberRequest, is_administrator
from people.models import Person
from people.searching import LONGEST, matching
from purchases import lists as purchase_lists
from purchases import shops
from purchases.formats import in_currency
from purchases.models import Brand, Purchase, Retailer
from purchases.naming import fold

#: How many of each kind are shown.
MOST = 5
#: How many of the latest purchases are looked at for those whose names answer best.
RANKED = 60


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found, and where it is."""

    title: str
    url: str
    icon: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind; when there is more, `all_url` lists it."""

    title: str
    hits: list[Hit]
    all_url: str = ""


@require_http_methods(["GET"])
@vary_on_headers("HX-Request")
def find(request: MemberRequest) -> HttpResponse:
    """Show what the words find; htmx asks for the options of the palette alone."""
    words = request.GET.get("q", "")[:LONGEST]
    viewer = viewer_of(request.user, now=timezone.now())
    template = "find/_options.html" if request.htmx else "find/page.html"
    return render(request, template, {"words": words, "groups": found(viewer, words)})


def found(viewer: Viewer, words: str) -> list[Group]:
    """Return the groups in which `words` find something; no words find where one can go."""
    groups = [
        Group("Pages", _places(PAGES, viewer, words)),
        Group("Actions", _places(ACTIONS, viewer, words)),
    ]
    if words.strip():
        groups += [
            _people(viewer, words),
            _occasions(viewer, words),
            _gifts(viewer, words),
            _purchases(viewer, words),
            _names(Retailer, "retailers:list", "tag", viewer, words),
            _names(Brand, "brands:list", "star", viewer, words),
        ]
    return [group for group in groups if group.hits]


def _places(places: Iterable[Place], viewer: Viewer, words: str) -> list[Hit]:
    sees_all = is_administrator(viewer.user)
    return [
        Hit(place.title, reverse(place.name), place.icon)
        for place in places
        if place.answers(words) and (sees_all or not place.is_for_administrators)
    ]


def _people(viewer: Viewer, words: str) -> Group:
    by_name = Case(When(matching(words, "name"), then=Value(0)), default=Value(1))
    wanted = matching(words, "name", "interests", "sizes", "notes")
    people = Person.objects.filter(wanted).order_by(by_name, "name", "pk")
    hits = [
        Hit(
            person.name,
            person.get_absolute_url(),
            "user",
            "You" if person == viewer.person else person.get_relationship_display(),
        )
        for person in people[: MOST + 1]
    ]
    return _group("People", hits, "persons:list", words)


def _occasions(viewer: Viewer, words: str) -> Group:
    """Return the next occasions first, then the last ones."""
    coming = Case(When(date__gte=viewer.today, then=F("date")))
    named = Occasion.objects.filter(matching(words, "name"))
    occasions = named.order_by(coming.asc(nulls_last=True), "-date", "pk")
    hits = [
        Hit(occasion.name, occasion.get_absolute_url(), "calendar", formats.day(occasion.date))
        for occasion in occasions[:MOST]
    ]
    return Group("Occasions", hits)


def _gifts(viewer: Viewer, words: str) -> Group:
    gifts = gift_lists.found(viewer, matching(words, "title", "notes", "link"))
    hits = [
        Hit(gift.title, gift.get_absolute_url(), "gift", _about_gift(gift))
        for gift in gifts[: MOST + 1]
    ]
    return _group("Gifts", hits, "gifts:list", words)


def _about_gift(gift: Gift) -> str:
    people = ", ".join(person.name for person in gift.recipients.all())
    return f"{people} · {gift.occasion.name}, {formats.day(gift.occasion.date)}"


def _purchases(viewer: Viewer, words: str) -> Group:
    found = purchase_lists.found(viewer, purchase_lists.matching(words))
    latest = found.select_related("retailer")[:RANKED]
    purchases = sorted(latest, key=lambda one: _rank(one.name, words))
    hits = [
        Hit(purchase.name, purchase.get_absolute_url(), "shopping-bag", _about_purchase(purchase))
        for purchase in purchases[: MOST + 1]
    ]
    return _group("Purchases", hits, "purchases:list", words)


def _rank(name: str, words: str) -> int:
    """Return how well a name answers, 0 the best: it begins with the words, or holds them."""
    name, words = fold(name), fold(words)
    return 0 if name.startswith(words) else 1 if words in name else 2


def _about_purchase(purchase: Purchase) -> str:
    told = [
        formats.day(purchase.purchased_on),
        purchase.retailer.name if purchase.retailer else "",
        in_currency(purchase.price, purchase.currency),
    ]
    return " · ".join(part for part in told if part)


def _names[S: (Retailer, Brand)](
    model: type[S], page: str, icon: str, viewer: Viewer, words: str
) -> Group:
    """Return the retailers or the brands that the viewer knows."""
    wanted = Q()
    for word in fold(words).split():
        wanted &= Q(key__contains=word)
    named = shops.known(model, viewer).filter(wanted)
    hits = [Hit(one.name, one.get_absolute_url(), icon) for one in named[: MOST + 1]]
    return _group(f"{model._meta.verbose_name_plural}".capitalize(), hits, page, words)


def _group(title: str, hits: list[Hit], page: str, words: str) -> Group:
    """Return at most so many hits, with the address of the page that lists them all."""
    more = f"{reverse(page)}?{urlencode({'q': words})}" if len(hits) > MOST else ""
    return Group(title, hits[:MOST], more)
