"""Who: the members of a household or team, the people they buy for, and their programs.

A `User` is somebody who signs in. Administrators are the users with `is_staff`: they see the
console and set other people's budgets. Every user has a time zone of their own, because a budget
window begins and ends at that person's midnight.

A `Person` is somebody gifts are bought for or by. When they sign in too, the person points at
their user: what would give away a present is then kept from them.

An `ApiToken` lets a program act for a user, within its scopes. An `Answer` is what such a program
was told when it spent under an idempotency key: asking again is answered with it.
"""

from people.models.answer import Answer
from people.models.person import HUES, SHORT, Person
from people.models.token import ApiToken, Scope
from people.models.user import User, default_timezone, validate_timezone

__all__ = [
    "HUES",
    "SHORT",
    "Answer",
    "ApiToken",
    "Person",
    "Scope",
    "User",
    "default_timezone",
    "validate_timezone",
]
