"""The people of a household: the list, the pages of one person, and what is written about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import FETCH_RAISE, Case, Count, Exists, OuterRef, Value, When
from django.db.models.functions import Lower
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from budgets.periods import local_day
from occasions import access, cards, history, planning
from occasions.dates import next_anniversary, years_between
from occasions.forms.persons import GROUPS, ListForm, PersonForm
from occasions.models import Gift, Occasion, PersonOccasion, Viewer
from occasions.photos import picture_of
from occasions.planning.yearly import DAYS
from people.access import MemberRequest, is_administrator
from people.models import Person

#: How many people, and how many cards, stand on one page.
PEOPLE, CARDS = 24, 12
#: For how long a browser may keep a photo; another photo has another address.
PHOTO_KEPT = 7 * 24 * 60 * 60

_BY_RELATIONSHIP = Case(
    *(When(relationship=value, then=Value(place)) for place, value in enumerate(GROUPS))
)


@dataclass(frozen=True, slots=True)
class Group:
    """Some people of the list who are related in the same way, each with their next day."""

    title: str
    #: How many there are, on all pages together.
    count: int
    people: list[tuple[Person, Occasion | None]]


@dataclass(frozen=True, slots=True)
class Day:
    """A birthday or an anniversary: when it was, when it comes again, and which it is then."""

    kind: Occasion.Kind
    day: date
    coming: date
    years: int
    #: The occasion that follows it, when it is on the calendar.
    occasion: Occasion | None


@require_http_methods(["GET"])
def index(request: MemberRequest) -> HttpResponse:
    """List the people, grouped by how they are related to the household."""
    viewer = _viewer(request)
    form = ListForm(request.GET)
    found = Person.objects.filter(form.wanted())
    ordered = found.order_by(_BY_RELATIONSHIP, Lower("name"), "pk").fetch_mode(FETCH_RAISE)
    page = Paginator(ordered, PEOPLE).get_page(request.GET.get("page"))
    people = list(page.object_list)
    counts = found.order_by().values_list("relationship").annotate(Count("pk"))
    context = {
        "form": form,
        "page": page,
        "groups": _grouped(people, dict(counts), _coming(people, viewer)),
        "viewer": viewer,
    }
    return render(request, "persons/list.html", context)


def _grouped(
    people: Sequence[Person], counts: dict[str, int], coming: dict[int, Occasion]
) -> list[Group]:
    return [
        Group(
            GROUPS[relationship],
            counts[relationship],
            [(person, coming.get(person.pk)) for person in group],
        )
        for relationship, group in groupby(people, key=lambda person: person.relationship)
    ]


def _coming(people: Sequence[Person], viewer: Viewer) -> dict[int, Occasion]:
    """Return the next birthday or anniversary of each of `people` who has one."""
    occasions = Occasion.objects.filter(celebrates__in=people, date__gte=viewer.today)
    latest_first = occasions.order_by("-date", "-pk").fetch_mode(FETCH_RAISE)
    return {occasion.celebrates_id: occasion for occasion in latest_first if occasion.celebrates_id}


@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """Write down somebody new."""
    viewer = access.viewer_of(request.user, now=timezone.now())
    return _edit(request, viewer, Person())


@require_http_methods(["GET", "POST"])
def change(request: MemberRequest, pk: int) -> HttpResponse:
    """Change what is written about somebody."""
    viewer = access.viewer_of(request.user, now=timezone.now())
    return _edit(request, viewer, get_object_or_404(Person, pk=pk))


def _edit(request: MemberRequest, viewer: Viewer, person: Person) -> HttpResponse:
    is_sent = request.method == "POST"
    kept = access.kept_fields(viewer, person) if person.pk else set()
    form = PersonForm(
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        person=person,
        kept=kept,
        chooses_member=is_administrator(request.user),
        today=viewer.today,
    )
    if form.is_valid():
        saved = planning.save_person(person=person, values=form.values(), today=viewer.today)
        messages.success(request, f"{saved.name} is saved.")
        return redirect(saved)
    context = {
        "form": form,
        "person": person,
        "keeps_days": bool(kept & form.fields.keys()),
        "may_delete": access.may_rearrange_person(viewer, person),
    }
    return render(request, "persons/form.html", context, status=422 if is_sent else 200)


@require_http_methods(["GET", "POST"])
def delete(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what goes with somebody and what stays, then delete them."""
    viewer = access.viewer_of(request.user, now=timezone.now())
    person = get_object_or_404(Person, pk=pk)
    if not access.may_rearrange_person(viewer, person):
        raise PermissionDenied(
            "This is you, and presents may hang on it: somebody else deletes your entry."
        )
    if request.method == "POST":
        planning.delete_person(person=person)
        messages.success(request, f"{person.name} is deleted.")
        return redirect("persons:list")
    context = {"person": person, **_what_goes(person, viewer)}
    return render(request, "persons/delete.html", context)


def _what_goes(person: Person, viewer: Viewer) -> dict[str, int]:
    """Count what is deleted with `person`, and what stays, over what the viewer may see."""
    others = PersonOccasion.objects.receiving().exclude(person=person)
    celebrations = Occasion.objects.filter(celebrates=person)
    shared = celebrations.filter(Exists(others.filter(occasion=OuterRef("pk")))).count()
    gifts = Gift.objects.visible_to(viewer)
    recipients = gifts.filter(recipients=person).values("pk")
    counted = gifts.filter(pk__in=recipients).annotate(among=Count("recipients"))
    return {
        "lists": person.links.count(),
        "days_gone": celebrations.count() - shared,
        "days_kept": shared,
        "gifts_gone": counted.filter(among=1).count(),
        "gifts_kept": counted.filter(among__gt=1).count(),
        "gifts_to_buy": gifts.filter(purchaser=person).count(),
    }


@require_http_methods(["GET", "POST"])
def me(request: MemberRequest, pk: int) -> HttpResponse:
    """Let a member say which of the people they are; only once."""
    viewer = access.viewer_of(request.user, now=timezone.now())
    person = get_object_or_404(Person, pk=pk)
    if viewer.person is not None:
        raise PermissionDenied("You are on the list already. An administrator can change that.")
    if person.user_id is not None:
        raise PermissionDenied(f"{person.name} signs in as somebody else.")
    if request.method == "GET":
        return render(request, "persons/me.html", {"person": person})
    if not planning.claim_person(person=person, user=request.user):
        raise PermissionDenied(f"Meanwhile somebody else said that they are {person.name}.")
    messages.success(request, "This is you now. Your presents stay a surprise.")
    return redirect(person)


@require_http_methods(["GET"])
def photo(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Serve the photo of somebody."""
    picture = picture_of(get_object_or_404(Person, pk=pk))
    if picture is None:
        raise Http404
    headers = {"Cache-Control": f"private, max-age={PHOTO_KEPT}"}
    return FileResponse(picture, content_type="image/webp", headers=headers)


@require_http_methods(["GET"])
def detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what is known about somebody."""
    viewer = _viewer(request)
    person = get_object_or_404(Person, pk=pk)
    context = {
        "person": person,
        "viewer": viewer,
        "days": _days(person, viewer),
        "may_claim": viewer.person is None and person.user_id is None,
    }
    return render(request, "persons/detail.html", context)


def _days(person: Person, viewer: Viewer) -> list[Day]:
    coming = Occasion.objects.filter(celebrates=person, date__gte=viewer.today)
    occasions = {occasion.kind: occasion for occasion in coming.order_by("-date", "-pk")}
    days = []
    for kind, name in DAYS.items():
        day: date | None = getattr(person, name)
        if day is not None:
            next_day = next_anniversary(day, not_before=viewer.today)
            years = years_between(day, next_day)
            days.append(Day(kind, day, next_day, years, occasions.get(kind)))
    return days


@require_http_methods(["GET"])
def budgets(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the cards of one person, of occasions to come or of past ones."""
    viewer = _viewer(request)
    person = get_object_or_404(Person, pk=pk)
    rows = person.links.select_related("person", "occasion").fetch_mode(FETCH_RAISE)
    upcoming = rows.filter(occasion__date__gte=viewer.today).order_by("occasion__date", "pk")
    past = rows.filter(occasion__date__lt=viewer.today).order_by("-occasion__date", "-pk")
    shows_past = "past" in request.GET
    page = Paginator(past if shows_past else upcoming, CARDS).get_page(request.GET.get("page"))
    context = {
        "person": person,
        "viewer": viewer,
        "shows_past": shows_past,
        "upcoming_count": upcoming.count(),
        "past_count": past.count(),
        "page": page,
        "cards": cards.of_person(person, viewer, list(page.object_list)),
    }
    return render(request, "persons/budgets.html", context)


@require_http_methods(["GET"])
def gifts(request: MemberRequest, pk: int) -> HttpResponse:
    """Show what somebody was given, year by year."""
    viewer = _viewer(request)
    person = get_object_or_404(Person, pk=pk)
    context = {
        "person": person,
        "viewer": viewer,
        "history": history.of_person(person, viewer),
        "leaves_out": person.links.filter(occasion__in=viewer.surprises).exists(),
    }
    return render(request, "persons/gifts.html", context)


def _viewer(request: MemberRequest) -> Viewer:
    """Return who looks, once the next year of what is over is on the calendar."""
    now = timezone.now()
    planning.roll(today=local_day(now, request.user.zone))
    return access.viewer_of(request.user, now=now)
