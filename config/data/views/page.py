"""The Data page itself."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from budgets.access import BudgetHidden, own_budget
from config.data.listing import checked_at, is_overdue, kept, latest_imports
from config.data.refusals import in_words
from config.data.rights import is_owner
from people.access import MemberRequest

#: How many backups stand on the page before the older ones are folded away.
SHOWN = 5


@require_http_methods(["GET"])
def page(request: MemberRequest) -> HttpResponse:
    """Show what can be brought in and taken along, and to the owner what is kept safe."""
    now = timezone.now()
    context = {
        "imports": latest_imports(request.user),
        "sees_budget": _sees_budget(request, now),
        "is_owner": is_owner(request),
    }
    if is_owner(request):
        context |= _backups(request, now)
    return render(request, "data/page.html", context)


def _sees_budget(request: MemberRequest, now: datetime) -> bool:
    try:
        own_budget(request, now=now)
    except BudgetHidden:
        return False
    return True


def _backups(request: MemberRequest, now: datetime) -> dict[str, Any]:
    try:
        found = kept(now, checked_at(request.session))
    except OSError as problem:
        return {"trouble": in_words(problem)}
    return {"kept": found[:SHOWN], "older": found[SHOWN:], "is_overdue": is_overdue(found, now)}
