"""The rows of an import by what becomes of them."""

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest

from purchases.importing.batches import Tally
from purchases.models import ImportBatch, ImportRow
from purchases.views.import_lines import line_of

#: How many rows stand on one page.
PAGE = 50

State, Mode = ImportBatch.State, ImportBatch.Mode
Fate, Outcome = ImportRow.Fate, ImportRow.Outcome

#: The tabs in the order of the page; what is first and not empty is open first.
_FATES = (Fate.NEW, Fate.CHANGED, Fate.DOUBLE, Fate.ERROR, Fate.LEFT_OUT, Fate.SAME)
_DONE = (Outcome.ADDED, Outcome.UPDATED, Outcome.REFUSED, Outcome.SKIPPED)
_UNDONE = (Outcome.UNDONE, Outcome.KEPT, Outcome.REFUSED, Outcome.SKIPPED)

_WORDS = {
    Fate.NEW: "Not here yet.",
    Fate.DOUBLE: "Something of the same name, price and day is here already. They are left out,"
    " unless you choose to record them too.",
    Fate.ERROR: "These cannot be taken. Mend them in the file and import it again: what is recorded"
    " by then is known.",
    Fate.LEFT_OUT: "These are no purchases: each says why.",
    Fate.SAME: "Recorded before, and the file says the same. Nothing happens to them.",
    Outcome.ADDED: "These are there now.",
    Outcome.UPDATED: "These were there, and are now as the file has them.",
    Outcome.SKIPPED: "Nothing happened to these.",
    Outcome.REFUSED: "These could not be recorded: each says why.",
    Outcome.UNDONE: "These were taken back.",
    Outcome.KEPT: "These were changed by hand since, and stay as they are.",
}
_CHANGED = {
    Mode.UPDATE: "Recorded before, and the file says something else: they are brought up to date.",
    Mode.SKIP: "Recorded before, and the file says something else. They stay as they are.",
    Mode.STRICT: "Recorded before, and the file says something else. They stay as they are.",
}


@dataclass(frozen=True, slots=True)
class Tab:
    """The rows of one fate or outcome."""

    value: str
    label: str
    count: int
    words: str
    query: str
    is_chosen: bool = False


def rows_page(request: HttpRequest, batch: ImportBatch, tally: Tally) -> dict[str, Any]:
    """Return what `imports/_rows.html` draws on."""
    by, names, counts = _grouping(batch, tally)
    asked = request.GET.get(by, "")
    chosen = next((name for name in names if name == asked), None)
    if chosen is None:
        first = (Fate.ERROR,) if batch.state == State.FAILED else ()  # what stopped it
        chosen = next((name for name in (*first, *names) if counts[name]), names[0])
    tabs = [
        Tab(
            value=str(name),
            label=str(name.label),
            count=counts[name],
            words=_WORDS.get(name) or _CHANGED[Mode(batch.mode)],
            query=f"{by}={name}",
            is_chosen=name == chosen,
        )
        for name in names
    ]
    stored = batch.rows.filter(**{by: chosen}).select_related("purchase").order_by("number")
    paginator = Paginator(stored, PAGE)
    paginator.count = counts[chosen]  # counted already
    page = paginator.get_page(request.GET.get("page"))
    return {
        "tabs": tabs,
        "tab": next(tab for tab in tabs if tab.is_chosen),
        "page": page,
        "lines": [line_of(row) for row in page],
    }


def _grouping(batch: ImportBatch, tally: Tally) -> tuple[str, tuple[Any, ...], Any]:
    """Return by which field the rows are divided, its values, and how many rows each has."""
    if batch.state == State.DONE:
        return "outcome", _DONE, tally.outcomes
    if batch.state == State.UNDONE:
        return "outcome", _UNDONE, tally.outcomes
    return "fate", _FATES, tally.fates
