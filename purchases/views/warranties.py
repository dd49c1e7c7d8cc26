"""Warranties: the list with the days to return things, one of them, and the calendar of both."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from occasions.access import viewer_of
from people.access import MemberRequest
from purchases import access, deadlines, ics, keeping
from purchases.deadlines import Deadline
from purchases.forms.warranties import CalendarForm, ListForm, WarrantyForm
from purchases.guarantees import Status
from purchases.models import CalendarFeed, Purchase, Warranty

#: How many warranties stand on one page, and how many days to return something beside them.
PAGE, RETURNS = 20, 10


@require_http_methods(["GET"])
def index(request: MemberRequest) -> HttpResponse:
    """List the warranties that the filters leave, and what can still be returned."""
    viewer = viewer_of(request.user, now=timezone.now())
    form = ListForm(request.GET)
    found = deadlines.found(viewer, text=form.text, days=form.days_left)
    counts = found.standings(viewer.today)
    chosen = found.standing(form.standing, viewer.today) if form.standing else found
    shown = deadlines.ordered(chosen, form.order, viewer.today)
    returns = Paginator(deadlines.returns(viewer), RETURNS)
    context = {
        "viewer": viewer,
        "form": form,
        "all": sum(counts.values()) - counts[Status.EXPIRING],
        "counts": counts,
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "returns": returns.get_page(request.GET.get("returns")),
    }
    return render(request, "warranties/list.html", context)


@require_http_methods(["GET", "POST"])
def add(request: MemberRequest, purchase: int) -> HttpResponse:
    """Add a warranty to one of the viewer's purchases."""
    now = timezone.now()
    bought = access.own_purchase(viewer_of(request.user, now=now), purchase)
    form = WarrantyForm(_posted(request), bought_on=bought.purchased_on)
    if form.is_valid() and _is_saved(form, keeping.guard, purchase=bought, now=now):
        messages.success(request, f"The warranty of “{bought.name}” is saved.")
        return redirect(bought)
    context = {"form": form, "purchase": bought}
    return render(request, "warranties/form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def change(request: MemberRequest, pk: int) -> HttpResponse:
    """Show one of the viewer's warranties and change it."""
    now = timezone.now()
    viewer = viewer_of(request.user, now=now)
    warranty = access.own_warranty(viewer, pk)
    bought = warranty.purchase
    form = WarrantyForm(_posted(request), bought_on=bought.purchased_on, warranty=warranty)
    if form.is_valid() and _is_saved(form, keeping.change_warranty, warranty=warranty, now=now):
        messages.success(request, f"The warranty of “{bought.name}” is saved.")
        return redirect(bought)
    context = {"form": form, "purchase": bought, "warranty": warranty, "viewer": viewer}
    return render(request, "warranties/form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def delete(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask whether a warranty is to go, then delete it."""
    now = timezone.now()
    warranty = access.own_warranty(viewer_of(request.user, now=now), pk)
    if request.method == "GET":
        return render(request, "warranties/delete.html", {"warranty": warranty})
    keeping.remove_warranty(warranty=warranty, now=now)
    messages.success(request, f"The warranty of “{warranty.purchase.name}” is deleted.")
    return redirect(warranty.purchase)


@never_cache
@require_http_methods(["GET", "POST"])
def calendar(request: MemberRequest) -> HttpResponse:
    """Make the secret address of the viewer's calendar, told this once, or take it back."""
    form = CalendarForm(_posted(request))
    address = ""
    if form.is_valid():
        if form.cleaned_data["action"] == "revoke":
            keeping.revoke_feed(user=request.user)
            messages.success(request, "The address of your calendar opens nothing any more.")
            return redirect("warranties:calendar")
        key = keeping.make_feed(user=request.user, now=timezone.now())
        address = request.build_absolute_uri(reverse("warranties:feed", args=[key]))
    feed = CalendarFeed.objects.filter(user=request.user).first()
    context = {"address": address, "feed": feed, "reminder": ics.REMINDER.days}
    return render(request, "warranties/calendar.html", context, status=400 if form.errors else 200)


@login_not_required
@cache_control(private=True, no_cache=True)
@require_safe
def feed(request: HttpRequest, key: str) -> HttpResponse:
    """Answer a member's calendar to whoever knows its secret address."""
    now = timezone.now()
    opened = keeping.open_feed(key=key, now=now)
    if opened is None:
        raise Http404
    viewer = viewer_of(opened.user, now=now)
    events = [_event(deadline, request) for deadline in deadlines.calendar(viewer)]
    return HttpResponse(
        ics.written(events, name="Pursestrings"),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'inline; filename="pursestrings.ics"'},
    )


def _event(deadline: Deadline, request: HttpRequest) -> ics.Event:
    bought, warranty = deadline.purchase, deadline.warranty
    if warranty:
        title, details = f"Warranty ends: {bought.name}", f"{warranty.get_kind_display()} warranty"
        details += f", {warranty.provider}" if warranty.provider else ""
    else:
        title, details = f"Last day to return: {bought.name}", _about_returning(bought)
    return ics.Event(
        # The moment tells this installation's rows from those of another.
        uid=f"{deadline.key}-{bought.created_at:%Y%m%d%H%M%S%f}@pursestrings",
        day=deadline.day,
        title=title,
        details=details,
        url=request.build_absolute_uri(bought.get_absolute_url()),
        changed_at=bought.changed_at,
    )


def _about_returning(bought: Purchase) -> str:
    shop = f"To {bought.retailer.name}." if bought.retailer else ""
    return "\n".join(filter(None, (shop, bought.return_policy)))


def _is_saved(form: WarrantyForm, verb: Callable[..., Warranty], **told: Any) -> bool:
    """Hand what was typed to the verb; a refusal is told by the form."""
    try:
        verb(values=form.values(), **told)
    except ValidationError as refusal:
        form.add_error(None, refusal)
    except ObjectDoesNotExist:
        raise Http404 from None
    return not form.errors


def _posted(request: MemberRequest) -> Any:
    return request.POST if request.method == "POST" else None
