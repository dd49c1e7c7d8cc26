"""Where the money went: the figures, and which of them a member wants to see."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from budgets import formats
from occasions.access import viewer_of
from people.access import MemberRequest
from purchases import keeping
from purchases.analysis import Analysis, Card, analyse, drawing, hidden_by
from purchases.forms.analytics import AnalyticsForm, CardsForm


@require_http_methods(["GET"])
def page(request: MemberRequest) -> HttpResponse:
    """Show the figures of the purchases that the address asks for."""
    viewer = viewer_of(request.user, now=timezone.now())
    form, hidden = AnalyticsForm(request.GET), hidden_by(request.user)
    analysis = analyse(form.scope(viewer), form.code, hidden=hidden)
    form.offer([total.currency for total in analysis.totals] or [analysis.currency])
    context = {
        "form": form,
        "analysis": analysis,
        "hidden": hidden,
        "shown": [card for card in Card if card not in hidden],
        "base": settings.CURRENCY,
    }
    return render(request, "analytics/page.html", context | _drawn(analysis))


def _drawn(analysis: Analysis) -> dict[str, Any]:
    """Return the charts, and the steps of time with their names and addresses."""
    scope, currency, months = analysis.scope, analysis.currency, analysis.months
    drawn: dict[str, Any] = {
        "charts": {
            "retailers": drawing.bars(analysis.retailers, currency),
            "brands": drawing.bars(analysis.brands, currency),
            "warranties": drawing.spans(analysis.warranties, scope),
        }
    }
    if months:
        drawn["charts"]["months"] = drawing.columns(months, scope, currency)
        drawn["steps"] = drawing.steps(months, scope, currency)
        drawn["spending_title"] = f"Spending by {months.step}"
        drawn["span"] = formats.days(months.slots[0].first, months.slots[-1].last)
    return drawn


@require_http_methods(["GET", "POST"])
def cards(request: MemberRequest) -> HttpResponse:
    """Put a card away or bring one back, and go back to the same figures."""
    if request.method == "POST":
        form = CardsForm(request.POST)
        keeping.hide_cards(user=request.user, hide=form.names("hide"), show=form.names("show"))
    return redirect(f"{reverse('analytics:page')}{_query(request)}")


def _query(request: MemberRequest) -> str:
    return f"?{request.GET.urlencode()}" if request.GET else ""
