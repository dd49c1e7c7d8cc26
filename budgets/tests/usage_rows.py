"""Reading a text as one format of usage, for tests."""

import io
import json

from budgets.usage.columns import Columns
from budgets.usage.formats import read
from budgets.usage.parsing import Reading, Row


def read_as(file_format, content, **reading):
    """Return what the rows of a text say, or why they say nothing."""
    if not isinstance(content, str | bytes):
        content = json.dumps(content)
    data = content if isinstance(content, bytes) else content.encode()
    stream = io.BufferedReader(io.BytesIO(data))
    return list(
        read(
            stream,
            name="usage",
            file_format=file_format,
            columns=Columns(),
            reading=Reading(**reading),
        )
    )


def rows_as(file_format, content, **reading):
    found = read_as(file_format, content, **reading)
    assert all(isinstance(row, Row) for row in found), found
    return found


def row_as(file_format, content, **reading):
    [row] = rows_as(file_format, content, **reading)
    return row


def reason_as(file_format, content, **reading):
    [problem] = read_as(file_format, content, **reading)
    return problem.reason
