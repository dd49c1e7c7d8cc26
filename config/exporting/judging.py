"""An export read through: is it ours, whole, and would every row of it fit here?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Model

from config.backups.needs import Need, need_of
from config.exporting.parcels import Parcel, newer, row_of
from config.exporting.refusals import BadExport
from config.exporting.scopes import ORDER, Everything, Member, exported
from config.exporting.versions import FORMAT, VERSION
from config.portable.tables import BadRow, Row, Table
from people.models import Person
from purchases.importing.streams import Outline

#: What the pages expect of values that the database takes whatever they are.
_SHAPES: Mapping[tuple[str, str], type] = {
    ("purchases.Preferences", "purchase_columns"): list,
    ("purchases.Preferences", "hidden_cards"): list,
    ("purchases.ImportPreset", "choices"): dict,
}
#: Names and addresses that were taken once are taken again, whatever forms ask of new ones.
_TAKEN = {("people.User", "username"), ("people.User", "email"), ("people.User", "password")}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an export holds."""

    counts: dict[str, int]
    #: The files that its rows need, as they are called in an archive.
    needs: dict[str, Need] = field(default_factory=dict)


def judge(parcel: Parcel) -> Verdict:
    """Read an export through. Raises BadExport for the first thing that is wrong with it."""
    outline = Outline()
    needs: dict[str, Need] = {}
    known = {table.name: table for table in exported()}
    has_begun = False
    for record in parcel.records(outline):
        if not has_begun:
            _judge_head(outline)  # before anything is said of a row
            has_begun = True
        table = known[record.path[-1]]
        if record.fault:
            raise BadExport(f"{table.name}, record {record.place:,}: {record.fault}.")
        row = row_of(record, outline)
        _judge_columns(table, row)
        try:
            _judge_row(table, table.instance(row))
        except BadRow as problem:
            raise BadExport(f"Record {record.place:,} does not fit. {problem}") from None
        if need := need_of(table.name, row):
            needs[need.member] = need
        elif table.model is Person and row["photo"]:
            raise BadExport(f"The photo of {table.name} {row['id']} lies where none can.")
    _judge_head(outline)
    counts = _judge_counts(outline)
    if strange := sorted(parcel.files.keys() - needs.keys()):
        raise BadExport(f"“{strange[0]}” does not belong in the archive: no row needs it.")
    return Verdict(counts, needs)


def _judge_head(outline: Outline) -> None:
    """Raise BadExport unless the file is of a kind that is understood here."""
    said = outline.said
    if said.get(("format",)) != FORMAT:
        raise BadExport("This file is no export of Pursestrings.")
    version = said.get(("version",))
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise BadExport("The file does not say in which version of the format it is.")
    if version > VERSION:
        raise newer(version)
    scope = said.get(("scope",))
    if scope == Member.name:
        raise BadExport(
            "This file holds what is one member's own, which is not everything. Its purchases can"
            " be imported on the page “Data”."
        )
    if scope != Everything.name:
        raise BadExport("The file does not say what it holds.")
    base = said.get(("base_currency",))
    if base != settings.CURRENCY:
        raise BadExport(
            f"This file counts in {base}, and this installation in {settings.CURRENCY}."
            f" Set CURRENCY to {base} to import it."
        )


def _judge_counts(outline: Outline) -> dict[str, int]:
    """Return how many rows each table has. Raises BadExport unless all are there."""
    found = {path[1]: count for path, count in outline.counts.items() if path[0] == "tables"}
    said = {
        path[1]: count for path, count in outline.said.items() if path[0] == "counts" and path[1:]
    }
    if unknown := sorted(found.keys() - set(ORDER)):
        raise BadExport(f"No table here is called “{unknown[0]}”.")
    for name in ORDER:
        if name not in found:
            raise BadExport(f"The table {name} is missing.")
        if said.get(name) != found[name]:
            raise BadExport(
                f"The file is not whole: it has {found[name]:,} rows of {name}, and says that there"
                f" are {said.get(name)}."
            )
    return {name: found[name] for name in ORDER}


def _judge_columns(table: Table, row: Row) -> None:
    if differing := sorted(row.keys() ^ {one.attname for one in table.fields}):
        raise BadExport(
            f"The columns of {table.name} are others here ({', '.join(differing)}): the file was"
            " made by another version. Import it with that one, and upgrade then."
        )


def _judge_row(table: Table, instance: Model) -> None:
    """Raise BadRow for values that no page could have written, and that pages would break at."""
    for one in table.fields:
        value: Any = getattr(instance, one.attname)
        place = (table.name, one.attname)
        if value is None or place in _TAKEN:
            continue
        where = f"{table.name} {instance.pk}, {one.attname}"
        if (shape := _SHAPES.get(place)) and not isinstance(value, shape):
            raise BadRow(f"{where}: This is no {shape.__name__}.")
        if isinstance(value, str) and "\0" in value:
            raise BadRow(f"{where}: This has a character that no text may have.")
        if one.choices and value not in {key for key, _ in one.flatchoices}:
            raise BadRow(f"{where}: “{value}” is none of the choices.")
        try:
            one.run_validators(value)
        except ValidationError as problem:
            raise BadRow(f"{where}: {' '.join(problem.messages)}") from None
