"""`GET me`: who asks, as a program needs to know it."""

from typing import Annotated

from django.conf import settings
from ninja import Router, Schema
from pydantic import Field

from people.access import is_administrator
from people.models import Scope
from people.programs.callers import ProgramRequest, may

router = Router(tags=["Account"])


class Me(Schema):
    """Who asks, and what they may."""

    username: str = Field(examples=["ben"])
    name: str = Field(description="The name that others read.", examples=["Ben Miller"])
    timezone: str = Field(examples=["Europe/Vienna"])
    is_administrator: bool
    scopes: list[Annotated[str, Field(examples=["read"])]] = Field(
        description="What the token may do; all three for a session."
    )
    spends_for_others: bool = Field(description="Whether it may spend on behalf of others.")
    currency: str = Field(description="The base currency (ISO 4217).", examples=["USD"])


@router.get("me", response=Me, auth=may(Scope.READ), summary="Who am I?")
def me(request: ProgramRequest) -> Me:
    """Tell whose token this is, and what it may do. It costs next to nothing: try your token."""
    caller = request.auth
    return Me(
        username=caller.user.username,
        name=caller.user.display_name,
        timezone=caller.user.timezone,
        is_administrator=is_administrator(caller.user),
        scopes=[str(scope) for scope in (caller.token.scopes if caller.token else Scope)],
        spends_for_others=caller.may_spend_for_others,
        currency=settings.CURRENCY,
    )
