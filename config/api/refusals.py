"""One telling per refusal: what an exception reads like to a program."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as WrongFields

from budgets.problems import REFUSALS as BUDGETS
from people.programs.callers import unauthorised
from people.programs.problems import (
    Problem,
    Refused,
    invalid,
    not_found,
    problem,
    told,
    wrong_fields,
)
from purchases.problems import REFUSALS as PURCHASES

_log = logging.getLogger(__name__)


def _not_found(refusal: Exception) -> Problem:
    return not_found()


def _forbidden(refusal: PermissionDenied) -> Problem:
    return problem(403, "forbidden", "Not allowed", str(refusal))


def _wrong_fields(refusal: WrongFields) -> Problem:
    """Name every field by where it stands: `limit` in the body, `query.skip` elsewhere."""
    return wrong_fields((_names(*error["loc"]), error) for error in refusal.errors)


def _names(place: str, *path: str | int) -> Sequence[str | int]:
    # The first of a body's path is the name of the operation's own parameter.
    if place == "body":
        return path[1:]
    return path if place in {"form", "file"} else [place, *path]


def _broken_rule(refusal: ValidationError) -> Problem:
    if hasattr(refusal, "error_dict"):
        return invalid({name: list(said) for name, said in refusal.message_dict.items()})
    return invalid(detail=" ".join(refusal.messages))


def _http(refusal: HttpError) -> Problem:
    # The framework's words; while debugging it adds those of the parser.
    unread = str(refusal).startswith("Cannot parse request body")
    detail = "Send JSON." if unread else str(refusal)
    return problem(refusal.status_code, "bad-request", "Cannot be read", detail)


def _too_large(refusal: RequestDataTooBig) -> Problem:
    return problem(413, "too-large", "Too large", "Send less at once.")


def _unreadable(refusal: Exception) -> Problem:
    return problem(400, "bad-request", "Cannot be read")


TELLINGS: Mapping[type[Exception], Any] = {
    Http404: _not_found,
    PermissionDenied: _forbidden,
    WrongFields: _wrong_fields,
    ValidationError: _broken_rule,
    HttpError: _http,
    RequestDataTooBig: _too_large,
    BadRequest: _unreadable,
    SuspiciousOperation: _unreadable,
    UnreadablePostError: _unreadable,
    **BUDGETS,
    **PURCHASES,
}


def register(api: NinjaAPI) -> None:
    """Let `api` answer every refusal as problem details, and what nobody foresaw as a 500."""
    answers: dict[type[Exception], Any] = {kind: _answering(TELLINGS[kind]) for kind in TELLINGS}
    answers |= {Refused: _refused, AuthenticationError: _nobody}
    answers |= {OperationalError: _troubled, Exception: _unforeseen}
    for kind, answer in answers.items():
        api.add_exception_handler(kind, answer)


def _answering(tell: Any) -> Any:
    def answer(request: HttpRequest, refusal: Exception) -> HttpResponse:
        return told(tell(refusal))

    return answer


def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    return told(refusal.problem, refusal.headers)


def _nobody(request: HttpRequest, refusal: AuthenticationError) -> HttpResponse:
    return _refused(request, unauthorised())


def _troubled(request: HttpRequest, failure: OperationalError) -> HttpResponse:
    """Say that the database was locked, in a deadlock or away: whatever was begun is undone."""
    _log.error("the database failed at %s", request.path, exc_info=failure)
    detail = "Nothing is stored, and asking again is safe."
    return told(problem(503, "busy", "Too busy just now", detail))


def _unforeseen(request: HttpRequest, failure: Exception) -> HttpResponse:
    """Say that something failed, and nothing of what: that is for the log alone."""
    _log.error("the API failed at %s", request.path, exc_info=failure)
    detail = "It is written down under the request's id."
    return told(problem(500, "failure", "Something failed here", detail))
