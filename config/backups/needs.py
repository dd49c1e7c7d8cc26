"""The files that rows need: what they are called in a backup, and where they lie here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.core.files.storage import default_storage
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model

from config.portable.tables import Row, tables
from people.models import Person
from purchases import files
from purchases.models import Blob, ImportBatch

_PLAIN = re.compile(r"(?:[\w-][\w.-]*/)*[\w-][\w.-]*", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: Where photos and files that are being imported lie in the storage, and in a backup.
_FOLDERS = {Person: ("photo", "people/", "photos/"), ImportBatch: ("path", "imports/", "imports/")}


@dataclass(frozen=True, slots=True)
class Need:
    """A file that a row needs."""

    member: str
    model: type[Model]
    field: str
    #: What the field says.
    value: str
    #: What the row says of the bytes, where it does.
    size: int | None = None
    sha256: str = ""

    @property
    def place(self) -> Path:
        if self.model is Blob:
            return files.place_of(_blob_path(self.value))
        return Path(default_storage.path(self.value))

    def is_still_there(self) -> bool:
        """Tell whether a row needs the file now."""
        return self.model._base_manager.filter(**{self.field: self.value}).exists()


def need_of(table: str, row: Row) -> Need | None:
    """Return the file that a row of a table needs, if it needs one."""
    if table == Blob._meta.label:
        sha256 = str(row["sha256"])
        if not _SHA256.fullmatch(sha256):
            return None
        member = f"files/{_blob_path(sha256)}"
        return Need(member, Blob, "sha256", sha256, row["size"], sha256)
    for model, (field, folder, called) in _FOLDERS.items():
        if model._meta.label == table:
            return _in_folder(model, field, str(row[field]), folder, called)
    return None


def path_of(table: str, row: Row) -> str:
    """Return where a row of a table says that its file lies; "" when it has none."""
    for model, (field, _, _) in _FOLDERS.items():
        if model._meta.label == table:
            return str(row[field])
    return ""


def needed_now(using: str = DEFAULT_DB_ALIAS) -> Iterator[Need]:
    """Yield every file that the rows need which are here now; perhaps one several times."""
    for table in tables():
        if table.model is Blob or table.model in _FOLDERS:
            for row in table.rows(using=using):
                if need := need_of(table.name, row):
                    yield need


def _in_folder(model: type[Model], field: str, path: str, folder: str, called: str) -> Need | None:
    """Return the need of a row for what lies in a folder; what lies elsewhere is none of ours."""
    rest = path.removeprefix(folder)
    if rest == path or not _PLAIN.fullmatch(rest):
        return None
    return Need(called + rest, model, field, path)


def _blob_path(sha256: str) -> str:
    return Blob(sha256=sha256).path
