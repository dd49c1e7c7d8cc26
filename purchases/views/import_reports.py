"""The rows of an import: those of one fate or outcome on a page, and all of them as a file."""

from collections.abc import Iterator
from datetime import date

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from budgets import sheets
from people.access import MemberRequest
from purchases import access
from purchases.importing.batches import said_by
from purchases.importing.batches.telling import amount_of
from purchases.importing.rows import Row
from purchases.models import ImportBatch, ImportRow
from purchases.views import imports

#: How many rows are read at once for a file.
CHUNK = 2_000
HEADER = ["line", "outcome", "fate", "what", "day", "amount", "currency", "reason", "odd"]


@require_http_methods(["GET"])
def rows(request: MemberRequest, pk: int) -> HttpResponse:
    """Show the rows of one fate or outcome, a page of them."""
    batch = access.own_import(request.user, pk)
    if batch.state not in imports.WITH_ROWS:
        return redirect(batch)
    return imports.show(request, batch)


@require_http_methods(["GET"])
def csv(request: MemberRequest, pk: int) -> HttpResponseBase:
    """Download what became of every row."""
    batch = access.own_import(request.user, pk)
    name = f"pursestrings-import-{batch.pk}.csv"
    return StreamingHttpResponse(
        sheets.stream(HEADER, _cells(batch)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _cells(batch: ImportBatch) -> Iterator[list[object]]:
    """Yield the rows of a batch as cells, in the order of the header."""
    for row in batch.rows.order_by("number").iterator(chunk_size=CHUNK):
        yield [
            row.line,
            row.get_outcome_display(),
            row.get_fate_display(),
            *_said(row),
            row.reason,
            " ".join(row.oddities),
        ]


def _said(row: ImportRow) -> list[object]:
    """Return what, when, how much and in which currency."""
    said = said_by(row)
    match said:
        case None:
            return ["", "", "", ""]
        case Row():
            day = "" if said.purchased_on == date.min else said.purchased_on
            return [said.name, day, sheets.exact(said.price), said.currency]
        case _:
            cost = amount_of(row).normalize()
            return [said.model, said.occurred_at.isoformat(), cost, settings.CURRENCY]
