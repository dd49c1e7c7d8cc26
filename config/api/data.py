"""What is taken along, and what is kept safe: exports for everybody, backups for the owner."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

from django.db import DatabaseError
from django.db.models import Q
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Path, Router, Schema
from ninja.responses import Status
from pydantic import Field

from budgets import history, sheets
from budgets.access import own_budget
from budgets.history import HistoryFilter
from budgets.wire import Moment
from config.backups import Backup, BadBackup, described, make, verify
from config.data.listing import TOLD, kept
from config.data.refusals import in_words
from config.data.rights import require_owner
from config.exporting import downloads
from occasions import lists as gifts
from occasions.access import viewer_of
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.paging import Asked, Page
from people.programs.problems import Refused, problem, refusals
from purchases import columns
from purchases import lists as purchases

router = Router(tags=["Data"])

_SECRETS = " Presents for you are not in it before their day."
_OWN = (
    "Your purchases, your budget, and the people, occasions and gifts that you may see. What others"
    " share with you is in the CSV of purchases alone."
)
_BY_HAND = (
    "Only for the owner of the installation. To download, restore or delete a backup, or to start"
    " over with nothing, is not for programs: the Data page asks for the password before."
)

BackupName = Annotated[str, Path(max_length=100)]


def _content(kind: str, what: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"responses": {200: {"description": what, "content": {kind: {"schema": schema}}}}}


_CSV = _content("text/csv", "A table with a header", {"type": "string"})
_ZIP = _content("application/zip", "An archive", {"type": "string", "format": "binary"})
_DOCUMENT = _content(
    "application/json",
    "The document",
    {
        "type": "object",
        "required": ["format", "version", "made_at", "scope", "base_currency", "tables", "counts"],
        "properties": {
            "format": {"const": "pursestrings"},
            "version": {"type": "integer"},
            "made_at": {"type": "string", "format": "date-time"},
            "scope": {"const": "member"},
            "base_currency": {"type": "string"},
            "tables": {
                "type": "object",
                "description": "The rows of each table, by its name.",
                "additionalProperties": {"type": "array", "items": {"type": "object"}},
            },
            "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
    },
)


class BackupShown(Schema):
    """A backup of everything. What it holds of presents is told to nobody, not even as a count."""

    name: str = Field(examples=["pursestrings-20261130T235900Z-manual.zip"])
    made_at: Moment
    kind: str = Field(examples=["manual", "scheduled", "restore-point"])
    size: int = Field(description="In bytes.")
    is_readable: bool = Field(description="Whether it says what it holds; `verify` looks at all.")
    has_lost_files: bool = Field(description="Whether papers or photos had been lost before.")
    members: int | None
    people: int | None
    occasions: int | None
    budget_entries: int | None

    @classmethod
    def of(cls, backup: Backup) -> "BackupShown":
        counts = {table: backup.counts.get(table) for table in TOLD}
        return cls(
            name=backup.name,
            made_at=backup.made_at,
            kind=backup.kind,
            size=backup.size,
            is_readable=backup.is_readable,
            has_lost_files=bool(backup.missing),
            members=counts["people.User"],
            people=counts["people.Person"],
            occasions=counts["occasions.Occasion"],
            budget_entries=counts["budgets.Entry"],
        )


# --- Exports ------------------------------------------------------------------------------------


@router.get(
    "export/purchases.csv",
    response={200: None},
    auth=may(Scope.READ),
    summary="Purchases as CSV",
    description="Yours and those shared with you, with every column." + _SECRETS,
    openapi_extra=_CSV,
)
def export_purchases(request: ProgramRequest) -> HttpResponseBase:
    viewer = viewer_of(request.user, now=timezone.now())
    found = purchases.drawn(purchases.found(viewer, Q()))
    return _csv("purchases", columns.CSV_HEADER, columns.csv_rows(found, viewer))


@router.get(
    "export/history.csv",
    response={200: None},
    auth=may(Scope.READ),
    summary="Budget history as CSV",
    openapi_extra=_CSV,
)
def export_history(request: ProgramRequest) -> HttpResponseBase:
    """Every posting of your budget, with its amount, model and tokens."""
    budget, _ = own_budget(request, now=timezone.now())
    return _csv("history", history.CSV_HEADER, history.csv_rows(budget, HistoryFilter()))


@router.get(
    "export/gifts.csv",
    response={200: None},
    auth=may(Scope.READ),
    summary="Gifts as CSV",
    description="Every gift that you may see, with people, prices and status." + _SECRETS,
    openapi_extra=_CSV,
)
def export_gifts(request: ProgramRequest) -> HttpResponseBase:
    viewer = viewer_of(request.user, now=timezone.now())
    return _csv("gifts", gifts.CSV_HEADER, gifts.csv_rows(gifts.found(viewer, Q(), "")))


def _csv(
    name: str, header: Sequence[str], rows: Iterator[Sequence[object]]
) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        sheets.stream(header, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="pursestrings-{name}.csv"'},
    )


@router.get(
    "export/document",
    response={200: None, **refusals(503, 507)},
    auth=may(Scope.READ),
    summary="Everything of yours as JSON",
    description=f"{_OWN} Without the papers: what an import takes.{_SECRETS}",
    openapi_extra=_DOCUMENT,
)
def export_document(request: ProgramRequest) -> HttpResponseBase:
    return _file(request, downloads.json_of)


@router.get(
    "export/archive",
    response={200: None, **refusals(503, 507)},
    auth=may(Scope.READ),
    summary="Everything of yours as ZIP",
    description=f"{_OWN} The document, your receipts and manuals, and every photo.{_SECRETS}",
    openapi_extra=_ZIP,
)
def export_archive(request: ProgramRequest) -> HttpResponseBase:
    return _file(request, downloads.zip_of)


def _file(request: ProgramRequest, made: Callable[..., FileResponse]) -> FileResponse:
    with _told("The file was not made"):
        return made(request.user, now=timezone.now())


# --- Backups ------------------------------------------------------------------------------------


@router.get(
    "backups",
    response={200: Page[BackupShown], **refusals(503, 507)},
    auth=may(Scope.READ),
    summary="Backups",
    description="The backups that are there, the newest first. " + _BY_HAND,
)
def backups(request: ProgramRequest, paging: Asked) -> dict[str, Any]:
    require_owner(request)
    with _told("The backups cannot be reached"):
        return paging.cut(kept(timezone.now()), lambda one: BackupShown.of(one.backup))


@router.post(
    "backups",
    response={201: BackupShown, **refusals(409, 503, 507)},
    auth=may(Scope.MANAGE),
    summary="Make a backup",
    description="Make a backup of how everything stands now. " + _BY_HAND,
)
def add_backup(request: ProgramRequest) -> Status[BackupShown]:
    require_owner(request)
    with _told("No backup was made"):
        return Status(201, BackupShown.of(make(now=timezone.now())))


@router.post(
    "backups/{name}/verify",
    response={200: BackupShown, **refusals(409, 503, 507)},
    auth=may(Scope.MANAGE),
    summary="Check a backup",
    description="Read a backup through: 409 with the reason when it could not be restored. "
    + _BY_HAND,
)
def verify_backup(request: ProgramRequest, name: BackupName) -> BackupShown:
    require_owner(request)
    with _told("The backup is no good"):
        backup = described(name)
        if backup is None:
            raise Http404
        verify(name)
    return BackupShown.of(backup)


@contextmanager
def _told(title: str) -> Iterator[None]:
    """Tell in words what may go wrong around files; no path of the machine stands in them."""
    try:
        yield
    except OSError as fault:
        raise Refused(problem(507, "storage-failed", title, in_words(fault))) from fault
    except DatabaseError as fault:
        raise Refused(problem(503, "busy", title, in_words(fault))) from fault
    except BadBackup as fault:
        raise Refused(problem(409, "bad-backup", title, in_words(fault))) from fault
