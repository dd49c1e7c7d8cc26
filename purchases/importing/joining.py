"""What belongs to a record, found again on the shelf: names it points at, and what points at it."""

from collections.abc import Iterator, Mapping
from typing import Any

from purchases.importing.records import BadRecord, Reading, key_of, spoken
from purchases.importing.rows import Remark
from purchases.importing.shelves import MOST, Laid, Shelf, TooMany
from purchases.importing.streams import Record

LONGEST_NAME = 120

_FAULTS = "faults"
# What people call things of which too many belong to one.
_SPOKEN = {
    "purchases.Attachment": "papers",
    "purchases.Purchase_tags": "tags",
    "purchases.Warranty": "warranties",
}


def lay(record: Record, shelf: Shelf, *, by: str, called: str) -> None:
    """Lay a record aside by one of its values; one that has none is told of at the end."""
    fault, key = record.fault, ""
    try:
        key = fault or _key(record.said, by)
    except BadRecord as problem:
        fault = str(problem)
    if fault:
        shelf.lay(_FAULTS, "", record.place, {"text": f"{called} {record.place}: {fault}"})
    else:
        shelf.lay(record.path[-1], key, record.place, record.said)


def named(reading: Reading, name: str, *, among: str, shelf: Shelf, link: str) -> tuple[str, str]:
    """Return the name and the link of what an id points at; what is not there is odd."""
    key = "" if reading.said.get(name) is None else _key(reading.said, name)
    if not key:
        return "", ""
    found = belonging(shelf, among, key)
    if len({(one.said.get("name"), one.said.get(link)) for one in found}) != 1:
        what = "stands twice, with different names" if found else "is not in the file"
        reading.odd(f"{spoken(name)}: {key[:40]} {what}; it was left empty")
        return "", ""
    return _name(reading, name, found[0], link)


def belonging(shelf: Shelf, kind: str, key: str) -> list[Laid]:
    """Return what belongs to a record. Raises BadRecord when that cannot be."""
    try:
        return shelf.of(kind, key)
    except TooMany:
        what = _SPOKEN.get(kind, kind)
        raise BadRecord(f"more than {MOST} {what} belong to it") from None


def left_over(shelf: Shelf, kinds: Mapping[str, tuple[str, str]]) -> Iterator[Remark]:
    """Tell of what could not be laid aside, and of what belongs to nothing in the file.

    `kinds` say how people call each, and by which value it was laid.
    """
    for fault in shelf.all(_FAULTS):
        yield Remark(fault.place, fault.said["text"])
    for kind, (called, by) in kinds.items():
        for one in shelf.unmet(kind):
            where = f"{called} {one.place}: {spoken(by)} {one.key[:40]}"
            yield Remark(one.place, f"{where} is not in the file, so it belongs to nothing")


def _key(said: Mapping[str, Any], by: str) -> str:
    try:
        return key_of(said.get(by))
    except BadRecord as problem:
        raise BadRecord(f"{spoken(by)}: {problem}") from None


def _name(reading: Reading, name: str, found: Laid, link: str) -> tuple[str, str]:
    of = Reading(found.place, found.said)
    try:
        text = of.needed("name", LONGEST_NAME)
    except BadRecord as problem:
        reading.odd(f"{spoken(name)}: {problem}; it was left empty")
        return "", ""
    try:
        address = of.link(link)
    except BadRecord as problem:
        of.odd(f"{problem}; it was left out")
        address = ""
    reading.oddities += (f"{spoken(name)}: {oddity}" for oddity in of.oddities)
    return text, address
