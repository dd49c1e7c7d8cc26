"""The occasions to come and the past ones, and writing them down, changing and deleting them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import FETCH_RAISE
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from budgets import formats
from budgets.money import ZERO
from budgets.periods import local_day
from occasions import access, calendars, planning
from occasions.calendars import Holiday
from occasions.forms.occasions import (
    CountryForm,
    HolidaysForm,
    OccasionForm,
    home_country,
    settled,
)
from occasions.models import Gift, Occasion, Viewer
from occasions.planning.yearly import DAYS
from occasions.summaries import Summary, summarise
from people.access import MemberRequest

#: How many occasions stand on one page.
PAGE = 20


@dataclass(frozen=True, slots=True)
class Year:
    """The past occasions of one year that stand on a page."""

    year: int
    summaries: list[Summary]
    #: What was bought in that year, on all pages together.
    bought: Decimal


@dataclass(frozen=True, slots=True)
class Offer:
    """A holiday that may be put on the calendar, unless it stands there."""

    holiday: Holiday
    is_known: bool
    is_ticked: bool


@require_http_methods(["GET"])
def index(request: MemberRequest) -> HttpResponse:
    """List the occasions to come, or the past ones by year."""
    now = timezone.now()
    planning.roll(today=local_day(now, request.user.zone))
    viewer = access.viewer_of(request.user, now=now)
    upcoming = Occasion.objects.upcoming(viewer.today)
    past = Occasion.objects.past(viewer.today)
    shows_past = "past" in request.GET
    shown = (past if shows_past else upcoming).select_related("celebrates")
    page = Paginator(shown.fetch_mode(FETCH_RAISE), PAGE).get_page(request.GET.get("page"))
    summaries = summarise(list(page.object_list), viewer)
    context = {
        "viewer": viewer,
        "shows_past": shows_past,
        "upcoming_count": upcoming.count(),
        "past_count": past.count(),
        "page": page,
        "summaries": summaries,
        "years": _by_year(summaries, viewer) if shows_past else [],
    }
    return render(request, "occasions/list.html", context)


def _by_year(summaries: Sequence[Summary], viewer: Viewer) -> list[Year]:
    """Group past occasions by their year.

    What is still a surprise to somebody counts in no year yet, so that no total needs a footnote.
    """
    groups = [
        (year, list(group))
        for year, group in groupby(summaries, key=lambda summary: summary.occasion.date.year)
    ]
    gifts = Gift.objects.visible_to(viewer).filter(
        occasion__date__lt=viewer.open_before,
        occasion__date__year__in=[year for year, _ in groups],
    )
    totals = gifts.spending_by("occasion__date__year")
    return [
        Year(year, group, totals[year].bought if year in totals else ZERO) for year, group in groups
    ]


@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """Write down a new occasion, with the people on its list."""
    return _edit(request, Occasion(), kept={}, hint="")


@require_http_methods(["GET", "POST"])
def change(request: MemberRequest, pk: int) -> HttpResponse:
    """Change an occasion; its cards, budgets and gifts stay."""
    viewer = access.viewer_of(request.user, now=timezone.now())
    occasion = _occasion(pk)
    kept = access.withheld(viewer, occasion) | settled(occasion)
    return _edit(request, occasion, kept=kept, hint=_hint(occasion))


def _edit(
    request: MemberRequest, occasion: Occasion, *, kept: dict[str, str], hint: str
) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = OccasionForm(data, occasion=occasion, kept=kept)
    if form.is_valid():
        try:
            return _save(request, occasion, form)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    context = {"form": form, "occasion": occasion, "kept": kept, "hint": hint}
    return render(request, "occasions/form.html", context, status=422 if form.is_bound else 200)


def _save(request: MemberRequest, occasion: Occasion, form: OccasionForm) -> HttpResponse:
    """Store what was typed. Raises ValidationError."""
    values = form.values()
    if values:
        people = form.cleaned_data.get("people", ())
        occasion = planning.change_occasion(occasion=occasion, values=values, people=people)
    said = "is on the calendar." if form.is_new else "is saved."
    messages.success(request, f"{occasion.name} {said}" if values else "Nothing was changed.")
    return redirect(occasion)


def _hint(occasion: Occasion) -> str:
    """Say what the day follows by itself."""
    person = occasion.celebrates
    if person and getattr(person, DAYS[Occasion.Kind(occasion.kind)]):
        return format_html(
            "Follows the {} that is written down for <a href='{}'>{}</a>. "
            "Another day here is for this year alone.",
            occasion.get_kind_display().lower(),
            person.get_absolute_url(),
            person.name,
        )
    if occasion.holiday:
        return "Follows the calendar of holidays. Another day here is for this year alone."
    return ""


@require_http_methods(["GET", "POST"])
def delete(request: MemberRequest, pk: int) -> HttpResponse:
    """Say what goes with an occasion and what stays, then delete it."""
    viewer = access.viewer_of(request.user, now=timezone.now())
    occasion = _occasion(pk)
    if not access.may_rearrange(viewer, occasion):
        raise PermissionDenied("You receive gifts here, so somebody else deletes this occasion.")
    if request.method == "POST":
        planning.delete_occasion(occasion=occasion)
        messages.success(request, f"{occasion.name} of {formats.day(occasion.date)} is deleted.")
        return redirect("occasions:list")
    gifts = Gift.objects.visible_to(viewer).filter(occasion=occasion)
    context = {
        "occasion": occasion,
        "people": occasion.links.count(),
        "gifts": gifts.count(),
    }
    return render(request, "occasions/delete.html", context)


@require_http_methods(["GET", "POST"])
def holidays(request: MemberRequest) -> HttpResponse:
    """Offer the holidays of a country, and put those that are chosen on the calendar."""
    today = local_day(timezone.now(), request.user.zone)
    is_sent = request.method == "POST"
    country = (request.POST if is_sent else request.GET).get("country") or home_country()
    try:
        coming = calendars.coming(country, today=today) if country else []
    except KeyError:
        raise Http404 from None
    form = HolidaysForm(request.POST if is_sent else None, holidays=coming)
    if form.is_valid():
        added = planning.add_holidays(country=country, holidays=form.wanted())
        messages.success(request, _added(added))
        return redirect("occasions:list")
    known = planning.known_holidays(country=country, since=today)
    context = {
        "today": today,
        "country": country,
        "country_form": CountryForm(initial={"country": country}),
        "form": form,
        "offers": [Offer(day, day.name in known, day.name in form.ticked) for day in coming],
    }
    return render(request, "occasions/holidays.html", context, status=422 if is_sent else 200)


def _added(added: Sequence[Occasion]) -> str:
    match added:
        case []:
            return "They were on the calendar already."
        case [occasion]:
            return f"{occasion.name} is on the calendar."
    return f"{len(added)} holidays are on the calendar."


def _occasion(pk: int) -> Occasion:
    occasions = Occasion.objects.select_related("previous", "celebrates", "next")
    return get_object_or_404(occasions, pk=pk)
