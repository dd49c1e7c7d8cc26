"""The home page, which alone reads several apps, and the two health checks."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import FETCH_RAISE
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from budgets import ledger
from budgets.access import BudgetHidden, own_budget
from budgets.models import Entry
from budgets.periods import local_day
from budgets.status import Status
from config.checks import unwritable_directories
from occasions import planning
from occasions.access import viewer_of
from occasions.models import Occasion, Viewer
from occasions.summaries import Summary, summarise
from people.access import MemberRequest, administrators
from purchases import deadlines

RECENT = 5
#: How many of the next occasions are shown, and how far ahead; the very next one always is.
COMING, SOON = 4, timedelta(days=120)
#: How many of the next days on which something runs out are shown.
RUNNING_OUT = 5


@require_http_methods(["GET"])
def home(request: MemberRequest) -> HttpResponse:
    """Answer at a glance: what may I still spend, what comes next, and what happened last."""
    now = timezone.now()
    planning.roll(today=local_day(now, request.user.zone))
    viewer = viewer_of(request.user, now=now)
    page = {
        "viewer": viewer,
        "coming": _coming(viewer),
        "deadlines": deadlines.soonest(viewer, most=RUNNING_OUT),
    }
    try:
        budget, _ = own_budget(request, now=now)
    except BudgetHidden:
        return render(request, "home.html", {**page, "administrators": administrators()})
    status = Status.of(budget, ledger.roll(budget, now=now), now=now)
    recent = Entry.objects.for_history(budget)[:RECENT]
    return render(request, "home.html", {**page, "status": status, "recent": recent})


def _coming(viewer: Viewer) -> list[Summary]:
    """Return the occasions of the next months, or the next one when it is further away."""
    upcoming = Occasion.objects.upcoming(viewer.today).select_related("celebrates")
    first = list(upcoming.fetch_mode(FETCH_RAISE)[:COMING])
    soon = [occasion for occasion in first if occasion.date - viewer.today <= SOON]
    return summarise(soon or first[:1], viewer)


@login_not_required
@never_cache
@require_http_methods(["GET"])
def healthz(request: HttpRequest) -> HttpResponse:
    """Tell that the process is alive."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_http_methods(["GET"])
def readyz(request: HttpRequest) -> HttpResponse:
    """Tell whether the database, its migrations and the storage are ready; 503 when not."""
    problems = {
        "database": _database_problem(),
        "storage": "; ".join(unwritable_directories()),
    }
    problems = {name: problem for name, problem in problems.items() if problem}
    if problems:
        return JsonResponse({"status": "not ready", **problems}, status=503)
    return JsonResponse({"status": "ready"})


def _database_problem() -> str:
    """Return why the database cannot be used, in words that give away no address."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "no connection"
    return f"migrations not applied: {len(pending)}" if pending else ""
