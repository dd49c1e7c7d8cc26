"""Tables of figures, aligned for a terminal and readable as Markdown."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Rows of text under a title; the first column names what was measured."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    aim: str = ""


def write(tables: Sequence[Table]) -> None:
    for table in tables:
        sys.stdout.write(_drawn(table))
        sys.stdout.flush()


def _drawn(table: Table) -> str:
    widths = [max(map(len, column)) for column in zip(table.header, *table.rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines = (
        "| " + " | ".join(_aligned(cells, widths)) + " |"
        for cells in (table.header, rule, *table.rows)
    )
    aim = f"\nAim: {table.aim}\n" if table.aim else ""
    return f"\n### {table.title}\n\n" + "\n".join(lines) + "\n" + aim


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *others = zip(cells, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]


def rate(number: int, seconds: float) -> str:
    return f"{number / seconds:,.0f}"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1_000:,.1f}"


def percent(share: float) -> str:
    return f"{share:.0%}"


def times(ratio: float) -> str:
    return f"{ratio:.2f}"
