"""Files for the tests of imports: laid down, looked at and read."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from purchases.importing.choices import Choices
from purchases.importing.formats import format_named, recognise
from purchases.importing.rows import Remark, Row
from purchases.importing.sources import Source, look


@dataclass
class Read:
    """What the rows of a file said, those that said nothing, and how far each one was."""

    rows: list[Row] = field(default_factory=list)
    refused: list[Remark] = field(default_factory=list)
    percents: list[int] = field(default_factory=list)

    @property
    def only(self) -> Row:
        assert self.refused == []
        assert len(self.rows) == 1
        return self.rows[0]


def table(header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """Return the text of a table."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def table_of(usual: Mapping[str, str], *rows: Mapping[str, str]) -> str:
    """Return a table of which each row names what is not as usual."""
    return table(list(usual), [list({**usual, **row}.values()) for row in rows])


def laid(folder: Path, content: str | bytes, name: str = "file.csv") -> Source:
    """Return a file that lies in a folder and was looked at."""
    path = folder / "upload"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Source(path=path, head=look(path, name=name), name=name)


def read(content: str | bytes, key: str = "", *, name: str = "file.csv", **choices) -> Read:
    """Read a file in the format of this key, or in the one that it is recognised as."""
    with TemporaryDirectory() as folder:
        source = laid(Path(folder), content, name)
        known = format_named(key) if key else recognise(source.head)
        assert known is not None
        result = Read()
        for percent, said in known.read(source, Choices(**choices)):
            result.percents.append(percent)
            (result.refused if isinstance(said, Remark) else result.rows).append(said)
        return result
