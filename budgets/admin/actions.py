"""What an administrator does to several budgets at once.

Each action goes through the ledger's verbs, for all chosen budgets in one transaction: either all
of them are done or none is. The ones that need a word first ask for it on a page of their own,
which carries the chosen budgets with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.core import signing
from django.core.exceptions import BadRequest
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from budgets import formats, ledger
from budgets.admin.forms import LimitForm, PermissionsForm, StartOverForm
from budgets.listing import Listed, standing_of
from budgets.models import Budget, Origin
from budgets.money import ZERO
from people.models import User

_SALT = "budgets.console"


@dataclass(frozen=True, slots=True)
class _Page:
    """The page that asks before an action."""

    action: str
    title: str
    lead: str
    button: str
    is_drastic: bool = False


@admin.action(description="Set limit…")
def set_limit(
    console: admin.ModelAdmin[Budget], request: HttpRequest, chosen: QuerySet[Budget]
) -> HttpResponse | None:
    chosen = _carried(request, chosen)
    form = LimitForm(request.POST if "apply" in request.POST else None)
    if form.is_valid():
        _configure(request, chosen, {"limit": form.cleaned_data["limit"]})
        return None
    page = _Page(
        "set_limit",
        "Set limit",
        "Counts in the open windows at once. A special limit stays in force beside it.",
        "Set limit",
    )
    return _ask(console, request, page, form, chosen)


@admin.action(description="Change permissions…")
def change_permissions(
    console: admin.ModelAdmin[Budget], request: HttpRequest, chosen: QuerySet[Budget]
) -> HttpResponse | None:
    chosen = _carried(request, chosen)
    form = PermissionsForm(request.POST if "apply" in request.POST else None)
    if form.is_valid():
        _configure(request, chosen, form.settings())
        return None
    page = _Page(
        "change_permissions",
        "Change permissions",
        "Who may not view their budget can neither change it nor start it over.",
        "Change permissions",
    )
    return _ask(console, request, page, form, chosen)


@admin.action(description="Switch enforcement on")
def enforce(
    console: admin.ModelAdmin[Budget], request: HttpRequest, chosen: QuerySet[Budget]
) -> None:
    _configure(request, chosen, {"enforced": True})


@admin.action(description="Switch enforcement off")
def stop_enforcing(
    console: admin.ModelAdmin[Budget], request: HttpRequest, chosen: QuerySet[Budget]
) -> None:
    _configure(request, chosen, {"enforced": False})


@admin.action(description="Start over…")
def start_over(
    console: admin.ModelAdmin[Budget], request: HttpRequest, chosen: QuerySet[Budget]
) -> HttpResponse | None:
    chosen = _carried(request, chosen)
    form = StartOverForm(request.POST if "apply" in request.POST else None)
    if form.is_valid():
        _reset(request, chosen, form.cleaned_data["reason"])
        return None
    page = _Page(
        "start_over",
        "Start over",
        "Closes these windows now and begins new ones with nothing spent. Every entry stays.",
        "Start over",
        is_drastic=True,
    )
    return _ask(console, request, page, form, chosen)


def _configure(request: HttpRequest, chosen: QuerySet[Budget], settings: Mapping[str, Any]) -> None:
    actor, now = cast(User, request.user), timezone.now()
    done: list[Budget] = []
    already = 0
    with transaction.atomic():
        for budget in _in_order(chosen):
            if ledger.configure(
                budget=budget, settings=settings, actor=actor, origin=Origin.ADMIN, now=now
            ):
                done.append(budget)
            else:
                already += 1
        words = ", ".join(name.replace("_", " ") for name in settings)
        _log(actor, done, f"Changed {words}, together with other budgets.")
    _tell(request, done, already)


def _reset(request: HttpRequest, chosen: QuerySet[Budget], reason: str) -> None:
    actor, now = cast(User, request.user), timezone.now()
    with transaction.atomic():
        resets = [
            ledger.reset(budget=budget, actor=actor, reason=reason, now=now)
            for budget in _in_order(chosen)
        ]
        _log(actor, [reset.budget for reset in resets], f"Started over: {reason}")
    total = formats.money(sum((reset.spent_before for reset in resets), ZERO))
    messages.success(
        request, f"Started {_budgets(len(resets))} over. {total} had been spent in all."
    )


def _in_order(chosen: QuerySet[Budget]) -> list[Budget]:
    """Return the budgets in the order in which every writer locks them."""
    return sorted(chosen, key=lambda budget: budget.pk)


def _log(actor: User, done: list[Budget], message: str) -> None:
    LogEntry.objects.log_actions(actor.pk, done, CHANGE, message)


def _tell(request: HttpRequest, done: list[Budget], already: int) -> None:
    if not done:
        messages.info(request, f"Nothing to change: {_budgets(already)} already so.")
    elif already:
        messages.success(request, f"Changed {_budgets(len(done))}; {already} already so.")
    else:
        messages.success(request, f"Changed {_budgets(len(done))}.")


def _budgets(count: int) -> str:
    return f"{formats.number(count)} {'budget' if count == 1 else 'budgets'}"


def _carried(request: HttpRequest, chosen: QuerySet[Budget]) -> QuerySet[Budget]:
    """Return the budgets that the asking page was about, whatever the filters leave by now."""
    if "budgets" not in request.POST:
        return chosen
    try:
        keys = signing.loads(request.POST["budgets"], salt=_SALT)
    except signing.BadSignature:
        raise BadRequest("The list of budgets was changed on its way.") from None
    return Budget.objects.of_members().with_standing().select_related("user").filter(pk__in=keys)


def _ask(
    console: admin.ModelAdmin[Budget],
    request: HttpRequest,
    page: _Page,
    form: forms.Form,
    chosen: QuerySet[Budget],
) -> TemplateResponse | None:
    budgets = cast(list[Listed], list(chosen.order_by("member_name", "pk")))
    if not budgets:
        messages.warning(request, "There is no budget to do that with.")
        return None
    now = timezone.now()
    context = {
        **console.admin_site.each_context(request),
        "title": page.title,
        "page": page,
        "form": form,
        "opts": console.opts,
        "rows": [
            {
                "budget": budget,
                "standing": standing_of(budget),
                "label": formats.level_label(standing_of(budget)),
                "is_special": budget.has_custom_limit(now),
            }
            for budget in budgets
        ],
        "count": _budgets(len(budgets)),
        "total_spent": sum((budget.spent for budget in budgets), ZERO),
        "checkbox": ACTION_CHECKBOX_NAME,
        "first": budgets[0].pk,
        "carried": signing.dumps([budget.pk for budget in budgets], salt=_SALT, compress=True),
        "back": request.get_full_path(),
    }
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "admin/budgets/budget/ask.html", context, status=status)
