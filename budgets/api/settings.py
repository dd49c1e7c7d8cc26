"""What a member may set about their own budget."""

from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from budgets import ledger
from budgets.access import Rights, may_begin_anew, own_budget
from budgets.api.standing import PeriodName
from budgets.forms import SettingsForm
from budgets.forms.settings import STARTS_OVER
from budgets.models import Budget, Origin
from budgets.wire import Amount, Moment, Money, Percent, PercentSent
from people.access import is_administrator
from people.models import Scope, User
from people.programs.callers import ProgramRequest, may
from people.programs.forms import filled
from people.programs.matching import match, tagged
from people.programs.problems import refusals

router = Router(tags=["Budget"])

#: Why a setting cannot be changed just now.
_KEPT = {
    "limit": "A special limit is in force, and an administrator set it.",
    "period": STARTS_OVER,
    "custom_days": STARTS_OVER,
}


class SettingsShown(Schema):
    """The settings of a budget, as its member may know them."""

    limit: Money = Field(description="Per period.")
    custom_limit: Money | None = Field(description="Replaces the limit while it is set.")
    custom_limit_until: Moment | None
    period: PeriodName
    custom_days: int | None = Field(description="How many days a custom period has.")
    yellow: Percent
    orange: Percent
    red: Percent
    enforced: bool
    ceiling: Money | None = Field(description="The highest limit that you may set, if there is.")
    may_modify: bool
    may_reset: bool

    @classmethod
    def of(cls, user: User, budget: Budget, rights: Rights) -> "SettingsShown":
        return cls.model_construct(
            limit=budget.limit,
            custom_limit=budget.custom_limit,
            custom_limit_until=budget.custom_limit_until,
            period=budget.period,
            custom_days=budget.custom_days,
            yellow=budget.yellow,
            orange=budget.orange,
            red=budget.red,
            enforced=budget.enforced,
            ceiling=None if is_administrator(user) else budget.modify_ceiling,
            may_modify=rights.modify,
            may_reset=rights.reset,
        )


class SettingsSent(Schema):
    """What is to be set; what is not named stays as it is. Yellow < orange < red."""

    model_config = ConfigDict(extra="forbid")

    limit: Amount | None = Field(None, description="0 to 1,000,000, and up to your ceiling.")
    period: PeriodName | None = Field(
        None, description="Another period closes the window and begins one now."
    )
    custom_days: int | None = Field(None, strict=True, ge=1, le=365)
    yellow: PercentSent | None = None
    orange: PercentSent | None = None
    red: PercentSent | None = None


@router.get("budget/settings", response=SettingsShown, auth=may(Scope.READ), summary="Settings")
def settings(request: ProgramRequest, response: HttpResponse) -> SettingsShown:
    """Tell how your budget is set."""
    budget, rights = own_budget(request, now=timezone.now())
    return tagged(response, SettingsShown.of(request.user, budget, rights))


@router.put(
    "budget/settings",
    response={200: SettingsShown, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Change settings",
)
def change_settings(
    request: ProgramRequest, response: HttpResponse, sent: SettingsSent
) -> SettingsShown:
    """Set what is named. It takes an administrator's leave, as on the budget page."""
    now = timezone.now()
    with transaction.atomic():
        ledger.hold_budgets([request.user], now=now)
        budget, rights = own_budget(request, now=now)
        if not rights.modify:
            raise PermissionDenied("You may look at your budget, but not change it.")
        match(request, SettingsShown.of(request.user, budget, rights))
        form = filled(
            partial(
                SettingsForm,
                budget=budget,
                may_modify=True,
                may_begin_anew=may_begin_anew(rights, ledger.roll(budget, now=now)),
                has_ceiling=not is_administrator(request.user),
                special=budget.has_custom_limit(now),
            ),
            sent,
            kept=_KEPT,
        )
        ledger.configure(
            budget=budget,
            settings=form.settings(),
            actor=request.user,
            origin=Origin.API,
            now=now,
        )
        budget, rights = own_budget(request, now=now)
    return tagged(response, SettingsShown.of(request.user, budget, rights))
