"""The gifts of all occasions: the list, one gift and its status, and what somebody is to buy."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from budgets import sheets
from budgets.periods import local_day
from occasions import access, lists, planning
from occasions.forms.gifts import GiftForm, ListForm, StatusForm
from occasions.models import Gift, Viewer
from people.access import MemberRequest
from people.returning import way_back

#: How many gifts stand on one page.
PAGE = 20

Page = dict[str, Any]


@require_http_methods(["GET"])
def index(request: MemberRequest) -> HttpResponse:
    """List the gifts that the filters leave, and add them up."""
    viewer = _viewer(request)
    form = ListForm(request.GET, viewer=viewer)
    gifts = lists.found(viewer, form.wanted(), form.order)
    context = {
        "viewer": viewer,
        "form": form,
        "page": Paginator(gifts, PAGE).get_page(request.GET.get("page")),
        "spending": gifts.spending(),
        "is_own": viewer.person is not None and form.chosen("person") == viewer.person.pk,
        "leaves_out": _leaves_out(viewer, form.chosen("occasion")),
    }
    return render(request, "gifts/list.html", context)


def _leaves_out(viewer: Viewer, occasion_id: int | None) -> bool:
    """Tell whether presents for the viewer may be missing, which the lists of people tell alone."""
    return viewer.is_surprised_at(occasion_id) if occasion_id else bool(viewer.surprises)


@require_http_methods(["GET"])
def csv(request: MemberRequest) -> HttpResponseBase:
    """Download the gifts as the page filters and sorts them."""
    viewer = access.viewer_of(request.user, now=timezone.now())
    form = ListForm(request.GET, viewer=viewer)
    if not form.is_valid():
        # The page says what cannot be read; a file of everything would be what nobody asked for.
        return redirect(f"{reverse('gifts:list')}?{request.GET.urlencode()}")
    gifts = lists.found(viewer, form.wanted(), form.order)
    return StreamingHttpResponse(
        sheets.stream(lists.CSV_HEADER, lists.csv_rows(gifts)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="pursestrings-gifts.csv"'},
    )


@require_http_methods(["GET"])
def shopping(request: MemberRequest) -> HttpResponse:
    """Show what the viewer is to buy, and what they bought lately."""
    viewer = _viewer(request)
    context = {
        "viewer": viewer,
        "shopping": lists.shopping(viewer.person, viewer) if viewer.person else None,
        "lately": lists.LATELY.days,
    }
    return render(request, "gifts/shopping.html", context)


@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """Write down a gift; the address may say for whom and when."""
    viewer = _viewer(request)
    form = GiftForm(_posted(request), viewer=viewer, asked=request.GET)
    if form.is_valid() and (gift := _add(form, viewer)):
        messages.success(request, f"“{gift.title}” is saved.")
        return redirect(gift.occasion)
    page = {"form": form, "occasion": form.occasions.get(request.GET.get("occasion", ""))}
    return render(request, "gifts/form.html", page, status=422 if form.is_bound else 200)


def _add(form: GiftForm, viewer: Viewer) -> Gift | None:
    values = dict(form.cleaned_data)
    occasion, recipients = values.pop("occasion"), list(values.pop("recipients"))
    try:
        return planning.add_gift(
            occasion=occasion, recipients=recipients, values=values, today=viewer.today
        )
    except planning.BuysOwnGift as refusal:
        form.refuse_purchaser(refusal.person)
    except ValidationError as refusal:
        form.add_error(None, refusal)
    return None


@require_http_methods(["GET", "POST"])
def change(request: MemberRequest, pk: int) -> HttpResponse:
    """Show a gift and change it; another occasion or person moves it there."""
    viewer = _viewer(request)
    gift = access.visible_gift(viewer, pk)
    form = GiftForm(_posted(request), viewer=viewer, gift=gift)
    if form.is_valid() and (saved := _change(gift, form, viewer)):
        messages.success(request, f"“{saved.title}” is saved.")
        return redirect(saved.occasion)
    page = _gift_page(gift, viewer, form)
    return render(request, "gifts/form.html", page, status=422 if form.is_bound else 200)


def _change(gift: Gift, form: GiftForm, viewer: Viewer) -> Gift | None:
    try:
        return planning.change_gift(
            gift=gift,
            values=form.values(),
            recipients=form.recipients_changed(),
            today=viewer.today,
        )
    except planning.BuysOwnGift as refusal:
        form.refuse_purchaser(refusal.person)
    except ValidationError as refusal:
        form.add_error(None, refusal)
    return None


def _gift_page(gift: Gift, viewer: Viewer, form: GiftForm) -> Page:
    return {"gift": gift, "occasion": gift.occasion, "viewer": viewer, "form": form}


@require_http_methods(["GET", "POST"])
def status(request: MemberRequest, pk: int) -> HttpResponse:
    """Move a gift to another status, and go back to where it was tapped."""
    viewer = access.viewer_of(request.user, now=timezone.now())
    gift = access.visible_gift(viewer, pk)
    if request.method == "GET":
        return redirect(gift)
    form = StatusForm(request.POST)
    if not form.is_valid():
        page = _gift_page(gift, viewer, GiftForm(None, viewer=viewer, gift=gift))
        return render(request, "gifts/form.html", page | {"no_status": True}, status=400)
    moved = planning.set_status(
        gift=gift, status=Gift.Status(form.cleaned_data["status"]), today=viewer.today
    )
    if not request.htmx:
        messages.info(request, f"“{moved.title}”: {moved.get_status_display().lower()}.")
    return redirect(way_back(request, gift.occasion.get_absolute_url()))


@require_http_methods(["GET", "POST"])
def delete(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask whether a gift is to go, then delete it."""
    viewer = access.viewer_of(request.user, now=timezone.now())
    gift = access.visible_gift(viewer, pk)
    if request.method == "GET":
        return render(request, "gifts/delete.html", {"gift": gift})
    planning.delete_gift(gift=gift)
    messages.success(request, f"“{gift.title}” is deleted.")
    return redirect(gift.occasion)


def _viewer(request: MemberRequest) -> Viewer:
    """Return who looks, once the next year of what is over is on the calendar."""
    now = timezone.now()
    planning.roll(today=local_day(now, request.user.zone))
    return access.viewer_of(request.user, now=now)


def _posted(request: MemberRequest) -> Any:
    return request.POST if request.method == "POST" else None
