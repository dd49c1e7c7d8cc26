"""What spends under an `Idempotency-Key` is done once: a repeat gets the first answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from ninja import Schema

from people.models import Answer
from people.programs.callers import ProgramRequest
from people.programs.problems import MEDIA_TYPE, Refusals, Refused, body_of, invalid, problem

HEADER = "Idempotency-Key"
#: How long a first answer is kept at least.
KEPT = timedelta(days=30)
_LONGEST = 255


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: a status and a body."""

    status: int
    body: str

    @classmethod
    def of(cls, shown: Schema, status: int = 200) -> "Reply":
        return cls(status, shown.model_dump_json())

    @property
    def response(self) -> HttpResponse:
        media_type = MEDIA_TYPE if self.status >= 400 else "application/json"
        return HttpResponse(self.body, status=self.status, content_type=media_type)


def once(
    request: ProgramRequest, work: Callable[[], Reply], *, final: Refusals | None = None
) -> HttpResponse:
    """Answer with what `work` returns; under an `Idempotency-Key`, once and for all.

    The answer is stored in the transaction of the work itself: both are there or neither. Of two
    at the same instant the second waits, undoes its own and is answered with the first, even if it
    was refused for what the first had done. `final` names the refusals that are answers like any
    other. Any other exception stores nothing, so that asking again tries again. A first answer is
    given again even where the right to it has gone since: the same user was told it before.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return work().response
    _check(key)
    mark = _fingerprint(request)
    if first := _first(request, key, mark):
        return first
    try:
        with transaction.atomic():
            reply = _work(work, final or {})
            Answer.objects.create(
                user=request.user,
                key=key,
                fingerprint=mark,
                status=reply.status,
                body=reply.body,
                created_at=timezone.now(),
            )
    except Exception:
        if first := _first(request, key, mark):
            return first
        raise
    return reply.response


def forget(*, now: datetime, dry_run: bool = False) -> int:
    """Delete the answers that were kept long enough. Returns how many; a dry run only counts."""
    due = Answer.objects.filter(created_at__lt=now - KEPT)
    return due.count() if dry_run else due.delete()[0]


def _work(work: Callable[[], Reply], final: Refusals) -> Reply:
    try:
        with transaction.atomic():
            return work()
    except tuple(final) as refusal:
        told = next(tell for kind, tell in final.items() if isinstance(refusal, kind))(refusal)
        return Reply(told.status, body_of(told))


def _first(request: ProgramRequest, key: str, mark: str) -> HttpResponse | None:
    """Return the first answer, if there was one. Raises Refused when it was to something else."""
    first = Answer.objects.filter(user=request.user, key=key).first()
    if first is None:
        return None
    if first.fingerprint != mark:
        title = "The key was used for another request"
        detail = "Take a new Idempotency-Key for every request; repeat one only with the same body."
        raise Refused(problem(422, "key-reused", title, detail))
    answer = Reply(first.status, first.body).response
    answer["Idempotent-Replayed"] = "true"
    return answer


def _check(key: str) -> None:
    if not 0 < len(key) <= _LONGEST or not key.isascii() or not key.isprintable():
        message = f"Use 1 to {_LONGEST} printable ASCII characters."
        raise Refused(invalid({f"header.{HEADER}": [message]}))


def _fingerprint(request: ProgramRequest) -> str:
    start = f"{request.method} {request.get_full_path()}\n"
    return sha256(start.encode() + request.body).hexdigest()
