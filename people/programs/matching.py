"""Which version of a thing a program has seen: `ETag` and `If-Match` as of RFC 9110.

The tag is a hash of what that very caller is shown. So it changes just when something changes that
they may know of, and tells nothing of what is kept from them. A proxy that compresses answers may
have made it weak on the way (`W/"…"`); what it hashes is the same, so it counts all the same.
"""

from hashlib import sha256

from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags
from ninja import Schema

from people.programs.problems import Refused, problem

_LENGTH = 32


def tag_of(shown: Schema) -> str:
    """Return the entity tag of what is shown."""
    return f'"{sha256(shown.model_dump_json().encode()).hexdigest()[:_LENGTH]}"'


def tagged[Shown: Schema](response: HttpResponse, shown: Shown) -> Shown:
    """Put the tag of `shown` on the answer, and return it."""
    response["ETag"] = tag_of(shown)
    return shown


def tag_answer(answer: HttpResponse, kind: type[Schema]) -> HttpResponse:
    """Put the tag of what a finished answer shows on it; a refusal shows none."""
    if answer.status_code < 300:
        answer["ETag"] = tag_of(kind.model_validate_json(answer.content))
    return answer


def match(request: HttpRequest, shown: Schema) -> None:
    """Raise Refused (412) unless the program has seen the thing as it is `shown` now.

    Nothing is asked of a program that sends no `If-Match`. Call it while the row is locked, in the
    transaction that changes it.
    """
    asked = request.headers.get("If-Match")
    if asked is None or asked.strip() == "*":
        return
    if tag_of(shown) not in {tag.removeprefix("W/") for tag in parse_etags(asked)}:
        title = "It was changed meanwhile"
        detail = "Read it again: the version that “If-Match” names is not the present one."
        raise Refused(problem(412, "changed", title, detail), {"ETag": tag_of(shown)})
