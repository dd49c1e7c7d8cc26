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
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from budgets import formats, history, ledger, reports, sheets
from budgets.access import BudgetHidden, Rights, own_budget, own_cycle
from budgets.forms import BreakdownForm, HistoryForm, ResetForm, SettingsForm
from budgets.models import Budget, Origin, Reset
from budgets.periods import local_day
from budgets.status import Status
from people.access import MemberRequest, administrators, is_administrator

Page = dict[str, Any]
View = Callable[..., HttpResponseBase]
RESETS_SHOWN = 5


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


@require_http_methods(["POST"])
@explain_hidden
def settings(request: MemberRequest) -> HttpResponse:
    now = timezone.now()
    budget, rights = own_budget(request, now=now)
    if not rights.modify:
        raise PermissionDenied("You may look at your budget, but not change it.")
    form = _settings_form(request, budget, rights, now, request.POST)
    if not form.is_valid():
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
    budget, _ = own_budget(request, now=timezone.now())
    page = Paginator(_resets(budget), history.PAGE).get_page(request.GET.get("page"))
    return render(request, "budgets/resets.html", {"page": page})


@require_http_methods(["GET"])
@explain_hidden
def history_csv(request: MemberRequest) -> StreamingHttpResponse:
    """Download the history as the page filters it."""
    budget, _ = own_budget(request, now=timezone.now())
    asked = HistoryForm(request.GET, budget=budget).asked()
    rows = sheets.stream(history.CSV_HEADER, history.csv_rows(budget, asked))
    return StreamingHttpResponse(
        rows,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="pursestrings-history.csv"'},
    )


def _page(request: MemberRequest, budget: Budget, rights: Rights, now: datetime) -> Page:
    """Collect what the budget page shows."""
    cycle = ledger.roll(budget, now=now)
    asked = request.GET
    shown = own_cycle(budget, asked["window"]) if asked.get("window") else cycle
    filters = BreakdownForm(asked, budget=budget, shown=shown)
    past = HistoryForm(asked, budget=budget)
    status = Status.of(budget, cycle, now=now)
    return {
        "status": status,
        "rights": rights,
        "breakdown_form": filters,
        "breakdown": reports.breakdown(budget, filters.span(local_day(now, budget.zone))),
        "history_form": past,
        "history": history.paginator(budget, past.asked()).get_page(asked.get("page")),
        "resets": list(_resets(budget)[: RESETS_SHOWN + 1]),
        "settings": _settings_form(request, budget, rights, now),
        "special": _special(budget, now),
        "is_stale": asked.get("seen") != status.stamp,
    }


def _settings_form(
    request: MemberRequest,
    budget: Budget,
    rights: Rights,
    now: datetime,
    data: QueryDict | None = None,
) -> SettingsForm:
    return SettingsForm(
        data,
        budget=budget,
        may_modify=rights.modify,
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


def _resets(budget: Budget) -> QuerySet[Reset]:
    return Reset.objects.filter(budget=budget).fetch_mode(FETCH_RAISE)
