"""What each version of the format brought, so that exports of older ones can be read."""

from collections.abc import Mapping

from config.portable.tables import Row

FORMAT, VERSION = "pursestrings", 2
#: The columns that came with a version, with what stands there in the rows of older ones.
_BROUGHT: Mapping[int, Mapping[str, Row]] = {
    2: {
        "budgets.Entry": {"priced_by": "", "via": ""},
        "budgets.Hold": {"via": "", "on_behalf": False},
    },
}


def completed(table: str, row: Row, version: object) -> Row:
    """Return a row as the present version has it; what it says itself is left as it is."""
    brought: Row = {}
    for number, tables in _BROUGHT.items():
        if isinstance(version, int) and version < number:
            brought |= tables.get(table, {})
    return {**brought, **row}
