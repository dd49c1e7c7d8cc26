"""Everything that an administrator may set about a member's budget."""

from datetime import datetime

from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from budgets import ledger
from budgets.access import for_administrators, member_budget
from budgets.api.standing import PeriodName
from budgets.forms import ConfigureForm
from budgets.ledger.configuring import SETTINGS
from budgets.models import Budget, Origin
from budgets.wire import Amount, Moment, MomentSent, Money, Percent, PercentSent, Text
from people.models import Scope, User
from people.programs.callers import ProgramRequest, may
from people.programs.fields import Flag
from people.programs.forms import filled
from people.programs.matching import match, tagged
from people.programs.paging import Key, RowKey
from people.programs.problems import refusals

router = Router(tags=["Administration"])

#: Of yes or no there is no none, and nothing that would be taken for an answer.
_UNSAID: bool = Field(default_factory=bool)


class ConfigurationShown(Schema):
    """How a member's budget is set, with what the member never sees."""

    user_id: int
    username: str
    limit: Money
    custom_limit: Money | None = Field(description="Replaces the limit while it is set.")
    custom_limit_until: Moment | None = Field(description="None: until somebody takes it away.")
    period: PeriodName
    custom_days: int | None
    yellow: Percent
    orange: Percent
    red: Percent
    enforced: bool
    visible_to_user: bool
    user_can_modify: bool
    user_can_reset: bool
    modify_ceiling: Money | None = Field(description="The highest limit that the member may set.")
    admin_notes: str

    @classmethod
    def of(cls, budget: Budget) -> "ConfigurationShown":
        return cls.model_construct(
            user_id=budget.user_id,
            username=budget.member_name,
            **{name: getattr(budget, name) for name in SETTINGS},
        )


class ConfigurationSent(Schema):
    """What is to be set; what is not named stays as it is, and null takes away what may be none."""

    model_config = ConfigDict(extra="forbid")

    user_id: RowKey
    limit: Amount | None = Field(None, description="0 to 1,000,000.")
    custom_limit: Amount | None = Field(None, description="0 to 1,000,000; null takes it away.")
    custom_limit_until: MomentSent | None = None
    period: PeriodName | None = Field(
        None, description="Another period closes the window and begins one now."
    )
    custom_days: int | None = Field(None, strict=True, ge=1, le=365)
    yellow: PercentSent | None = None
    orange: PercentSent | None = None
    red: PercentSent | None = None
    enforced: Flag = _UNSAID
    visible_to_user: Flag = _UNSAID
    user_can_modify: Flag = _UNSAID
    user_can_reset: Flag = _UNSAID
    modify_ceiling: Amount | None = Field(None, description="Null: no ceiling.")
    admin_notes: Text | None = Field(None, max_length=20_000)


@router.get(
    "budget/admin/configure/{user_id}",
    response=ConfigurationShown,
    auth=may(Scope.READ),
    summary="A member's settings",
)
def configuration(
    request: ProgramRequest, response: HttpResponse, user_id: Key
) -> ConfigurationShown:
    """Tell how a member's budget is set. For administrators."""
    for_administrators(request.user)
    budget = member_budget(user_id, now=timezone.now())
    return tagged(response, ConfigurationShown.of(budget))


@router.put(
    "budget/admin/configure",
    response={200: ConfigurationShown, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Configure a member's budget",
)
def configure(
    request: ProgramRequest, response: HttpResponse, sent: ConfigurationSent
) -> ConfigurationShown:
    """Set what is named of a member's budget. For administrators."""
    for_administrators(request.user)
    now = timezone.now()
    member = get_object_or_404(User, pk=sent.user_id)
    with transaction.atomic():
        ledger.hold_budgets([member], now=now)
        budget = member_budget(sent.user_id, now=now)
        match(request, ConfigurationShown.of(budget))
        form = filled(lambda data: _form(budget, data, now), sent)
        ledger.configure(
            budget=budget,
            settings=form.settings(),
            actor=request.user,
            origin=Origin.API,
            now=now,
        )
        budget = member_budget(sent.user_id, now=now)
    return tagged(response, ConfigurationShown.of(budget))


def _form(budget: Budget, data: QueryDict | None, now: datetime) -> ConfigureForm:
    form = ConfigureForm(data, instance=budget)
    form.now = now
    return form
