"""Every member's budget, for administrators."""

from decimal import Decimal
from typing import Annotated, Any, Literal, cast

from django.db.models import FETCH_RAISE, QuerySet
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from budgets import ledger
from budgets.access import for_administrators, member_budget
from budgets.api.resets import ResetSent, ResetShown, start_over
from budgets.api.standing import PeriodName, StandingShown
from budgets.listing import SEARCHED, Listed, at_level, standing_of
from budgets.models import Budget
from budgets.totals import totals
from budgets.wire import Moment, Money
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.fields import Sought
from people.programs.paging import Asked, Key, Page
from people.searching import matching

router = Router(tags=["Administration"])

#: By what the list can be sorted, as the console's columns can.
_ORDERS = {
    "user": "member_name",
    "limit": "available",
    "spent": "spent",
    "used": "used_share",
    "enforced": "enforced",
    "ends_at": "ends_at",
}


class MemberBudgetShown(StandingShown):
    """Where one member's budget stands."""

    user_id: int
    username: str
    name: str = Field(description="The name that others read.")
    custom_limit: Money | None = Field(description="The special limit, if one is set.")
    period: PeriodName
    custom_days: int | None
    enforced: bool
    visible_to_user: bool
    user_can_modify: bool
    user_can_reset: bool
    starts_at: Moment
    ends_at: Moment

    @classmethod
    def of(cls, budget: Budget) -> "MemberBudgetShown":
        listed = cast(Listed, budget)
        names = (
            "user_id",
            "custom_limit",
            "period",
            "custom_days",
            "enforced",
            "visible_to_user",
            "user_can_modify",
            "user_can_reset",
            "starts_at",
            "ends_at",
        )
        return cls.model_construct(
            **cls.figures(standing_of(listed)),
            **{name: getattr(listed, name) for name in names},
            username=listed.member_name,
            name=listed.user.display_name if listed.user else listed.member_name,
        )


class TotalsShown(Schema):
    """All members together, whatever the filters leave."""

    users: int
    allocated: Money
    spent: Money
    percent: Decimal | None = Field(
        description="Spent in percent of what is allocated.", examples=["41.7"]
    )
    over: int = Field(description="How many are over budget.")


class MemberBudgets(Page[MemberBudgetShown]):
    """A part of the list, and what all budgets come to."""

    totals: TotalsShown


class MemberBudgetFilter(Schema):
    """Which budgets, and in which order."""

    search: Sought = Field("", description="In the user name, the names and the e-mail address.")
    level: Literal["green", "yellow", "orange", "red", "over"] | None = None
    period: PeriodName | None = None
    enforced: bool | None = None
    visible_to_user: bool | None = None
    user_can_modify: bool | None = None
    user_can_reset: bool | None = None
    sort: Literal[
        "user",
        "-user",
        "limit",
        "-limit",
        "spent",
        "-spent",
        "used",
        "-used",
        "enforced",
        "-enforced",
        "ends_at",
        "-ends_at",
    ] = "user"

    def of(self, budgets: QuerySet[Budget]) -> QuerySet[Budget]:
        """Return those that are asked for, in their order."""
        exact = self.model_dump(exclude={"search", "level", "sort"}, exclude_none=True)
        found = budgets.filter(matching(self.search, *SEARCHED), **exact)
        if self.level:
            found = at_level(found, self.level)
        column = _ORDERS[self.sort.removeprefix("-")]
        return found.order_by(f"-{column}" if self.sort.startswith("-") else column, "pk")


@router.get(
    "budget/admin/list", response=MemberBudgets, auth=may(Scope.READ), summary="Every budget"
)
def member_budgets(
    request: ProgramRequest, asked: Annotated[MemberBudgetFilter, Query()], paging: Asked
) -> dict[str, Any]:
    """List where every member's budget stands. For administrators."""
    for_administrators(request.user)
    ledger.bring_up_to_date(now=timezone.now())
    budgets = Budget.objects.of_members().with_standing().select_related("user")
    found = asked.of(budgets).fetch_mode(FETCH_RAISE)
    return {**paging.cut(found, MemberBudgetShown.of), "totals": totals()}


@router.post(
    "budget/admin/reset/{user_id}",
    response=ResetShown,
    auth=may(Scope.MANAGE),
    summary="Start a member over",
)
def reset_member(
    request: ProgramRequest, user_id: Key, sent: ResetSent | None = None
) -> ResetShown:
    """Close a member's window now and begin another. For administrators."""
    for_administrators(request.user)
    now = timezone.now()
    return start_over(member_budget(user_id, now=now), sent, actor=request.user, now=now)
