"""The member's own budget: one page, and what can be done from it."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import FETCH_RAISE, QuerySet
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from budgets import formats, history, ledger, reports, sheets
from budgets.access import BudgetHidden, Rights, may_begin_anew, own_budget, own_cycle
from budgets.forms import PAST_WINDOWS, BreakdownForm, HistoryForm, ResetForm, SettingsForm
from budgets.models import Budget, Cycle, Origin
from budgets.periods import local_day
from budgets.status import Status
from people.access import MemberRequest, administrators, is_administrator

Page = dict[str, Any]
View = Callable[..., HttpResponseBase]


def explain_hidden(view: View) -> View:
    """Answer a member whose budget is hidden with a page that says so and whom to ask."""

    @wraps(view)
    def explained(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except BudgetHidden:
            context = {"administrators": administrators()}
            return render(request, "budgets/hidden.html", context, status=403)

    return explained


@require_http_methods(["GET"])
@vary_on_headers("HX-Request", "HX-Target")
@explain_hidden
def detail(request: MemberRequest) -> HttpResponse:
    """Show the budget; htmx asks for the part that it names as its target."""
    now = timezone.now()
    budget, rights = own_budget(request, now=now)
    page = _page(request, budget, rights, now)
    part = request.htmx.target if request.htmx and not request.htmx.history_restore_request else ""
    template = "budgets/detail.html"
    return render(request, f"{template}#{part}" if part in {"live", "figures"} else template, page)


@require_http_methods(["GET", "POST"])
@explain_hidden
def settings(request: MemberRequest) -> HttpResponse:
    """Save the settings; the form itself stands on the budget page."""
    if request.method == "GET":
        return redirect("budgets:detail")
    now = timezone.now()
    budget, rights = own_budget(request, now=now)
    if not rights.modify:
        raise PermissionDenied("You may look at your budget, but not change it.")
    cycle = ledger.roll(budget, now=now)
    form = _settings_form(request, budget, rights, cycle, now, request.POST)
    if not form.is_valid():
        first_wrong = next(iter(form.errors))
        if first_wrong in form.fields:
            form.fields[first_wrong].widget.attrs["autofocus"] = True
        page = _page(request, budget, rights, now) | {"settings": form}
        return render(request, "budgets/detail.html", page, status=422)
    changes = ledger.configure(
        budget=budget,
        settings=form.settings(),
        actor=request.user,
        origin=Origin.PAGE,
        now=now,
    )
    messages.success(request, "Your settings are saved." if changes else "Nothing was changed.")
    return redirect("budgets:detail")


@require_http_methods(["GET", "POST"])
@explain_hidden
def reset(request: MemberRequest) -> HttpResponse:
    """Ask whether to start over, then do it."""
    now = timezone.now()
    budget, rights = own_budget(request, now=now)
    if not rights.reset:
        raise PermissionDenied("You may look at your budget, but not start it over.")
    form = ResetForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        done = ledger.reset(
            budget=budget, actor=request.user, reason=form.cleaned_data["reason"], now=now
        )
        spent = formats.money(done.spent_before)
        messages.success(request, f"Started over. {spent} stays in the window that was closed.")
        return redirect("budgets:detail")
    status = Status.of(budget, ledger.roll(budget, now=now), now=now)
    code = 422 if form.is_bound else 200
    return render(request, "budgets/reset.html", {"form": form, "status": status}, status=code)


@require_http_methods(["GET"])
@explain_hidden
def resets(request: MemberRequest) -> HttpResponse:
    """List every window that was closed."""
    now = timezone.now()
    budget, _ = own_budget(request, now=now)
    ledger.roll(budget, now=now)
    page = Paginator(_closed(budget), history.PAGE).get_page(request.GET.get("page"))
    return render(request, "budgets/resets.html", {"page": page})


@require_http_methods(["GET"])
@explain_hidden
def history_csv(request: MemberRequest) -> HttpResponseBase:
    """Download the history as the page filters it."""
    budget, _ = own_budget(request, now=timezone.now())
    form = HistoryForm(request.GET, budget=budget)
    if not form.is_valid():
        # The page says what cannot be read; a file of everything would be what nobody asked for.
        return redirect(f"{reverse('budgets:detail')}?{request.GET.urlencode()}")
    rows = sheets.stream(history.CSV_HEADER, history.csv_rows(budget, form.asked()))
    return StreamingHttpResponse(
        rows,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="pursestrings-history.csv"'},
    )


def _page(request: MemberRequest, budget: Budget, rights: Rights, now: datetime) -> Page:
    """Collect what the budget page shows."""
    cycle = ledger.roll(budget, now=now)
    closed = list(_closed(budget)[:PAST_WINDOWS])
    asked = request.GET
    shown = own_cycle(budget, asked["window"], closed) if asked.get("window") else cycle
    breakdown_form = BreakdownForm(asked, budget=budget, shown=shown, closed=closed)
    history_form = HistoryForm(asked, budget=budget)
    status = Status.of(budget, cycle, now=now)
    breakdown = reports.breakdown(budget, breakdown_form.span(local_day(now, budget.zone)))
    past = history.paginator(budget, history_form.asked()).get_page(asked.get("page"))
    stamp = f"{status.stamp}.{breakdown.total:f}.{breakdown.count}.{past.paginator.count}"
    return {
        "status": status,
        "rights": rights,
        "breakdown_form": breakdown_form,
        "breakdown": breakdown,
        "history_form": history_form,
        "history": past,
        "closed": closed,
        "settings": _settings_form(request, budget, rights, cycle, now),
        "special": _special(budget, now),
        "stamp": stamp,
        "is_stale": asked.get("seen") != stamp,
    }


def _settings_form(
    request: MemberRequest,
    budget: Budget,
    rights: Rights,
    cycle: Cycle,
    now: datetime,
    data: QueryDict | None = None,
) -> SettingsForm:
    return SettingsForm(
        data,
        budget=budget,
        may_modify=rights.modify,
        may_begin_anew=may_begin_anew(rights, cycle),
        has_ceiling=not is_administrator(request.user),
        special=budget.has_custom_limit(now),
    )


def _special(budget: Budget, now: datetime) -> str:
    """Say that a special limit replaces the one that can be typed, while it does."""
    if not budget.has_custom_limit(now) or budget.custom_limit is None:
        return ""
    until = budget.custom_limit_until
    ends = f" until {formats.moment(until, budget.zone)}" if until else ""
    return f"A special limit of {formats.money(budget.custom_limit)} is in force{ends}."


def _closed(budget: Budget) -> QuerySet[Cycle]:
    """Return the closed windows, newest first, each with the reset that closed it."""
    return (
        Cycle.objects.filter(budget=budget, closed_at__isnull=False)
        .select_related("reset")
        .fetch_mode(FETCH_RAISE)
    )
