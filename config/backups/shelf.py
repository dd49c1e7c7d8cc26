"""Where backups lie: the storage called "backups", a folder unless the settings say otherwise."""

import errno
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages

from config.backups.manifest import Manifest
from config.backups.names import Kind, understood
from config.backups.reading import Archive
from config.backups.refusals import BadBackup, StorageFailed
from config.portable.outputs import keep_names

#: How many restore points are kept.
RESTORE_POINTS = 3
_ARRIVING = ".part"
#: One that has been written for longer than this never will be whole.
_ARRIVES_WITHIN = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup as a list shows it; nothing but its manifest was looked at."""

    name: str
    made_at: datetime
    kind: str
    size: int
    #: How many rows each table has, by the table's name; {} when it cannot be read.
    counts: dict[str, int] = field(default_factory=dict)
    #: How many papers and photos it holds.
    files: int = 0
    #: How many were lost already when it was made.
    missing: int = 0
    #: How many counters of the ledger disagreed with their rows when it was made.
    drifts: int = 0
    is_readable: bool = False

    @property
    def rows(self) -> int:
        return sum(self.counts.values())


def listed() -> list[Backup]:
    """Return the backups that lie there, the newest first."""
    return [one for one in map(_described, _names()) if one is not None]


def described(name: str) -> Backup | None:
    """Return the backup of this name; None when there is none."""
    return _described(name) if _is_there(name) else None


def opened(name: str) -> BinaryIO:
    """Open a backup to be handed out. Raises BadBackup when there is none of this name."""
    _known(name)
    with _reached() as storage:
        return cast(BinaryIO, storage.open(name, "rb"))


def remove(name: str) -> None:
    """Delete a backup. Raises BadBackup when there is none of this name."""
    _known(name)
    with _reached() as storage:
        storage.delete(name)
        if _folder() is None:
            storage.delete(_label(name))


def prune(keep: int) -> list[str]:
    """Delete all but the newest `keep` backups, restore points aside. Returns their names."""
    return _let_go({Kind.MANUAL, Kind.SCHEDULED}, keep)


def prune_restore_points(*spared: str) -> list[str]:
    """Delete all but the newest restore points and the spared ones. Returns their names."""
    return _let_go({Kind.RESTORE_POINT}, RESTORE_POINTS, *spared)


def put(path: Path, name: str, manifest: Manifest) -> Backup:
    """Give the archive at `path` its lasting place, and return it under the name it has there."""
    size = path.stat().st_size
    with _reached() as storage:
        if (folder := _folder()) is not None:
            name = storage.save(name, _Moved(path))
            keep_names(folder)
        else:
            name = _put_elsewhere(storage, path, name)
            # What lies elsewhere is not fetched only to be listed.
            storage.save(_label(name), ContentFile(manifest.written().encode()))
    found = understood(name)
    made_at = found.made_at if found else manifest.made_at
    return _backup(name, made_at, manifest.kind, size, manifest)


@contextmanager
def arriving() -> Iterator[Path]:
    """Yield the path of a file to write an archive to; it is gone at the end unless it was put.

    It lies beside the others where they lie in a folder, so that putting it there is one step.
    """
    folder = _folder() or settings.DATA_DIR
    folder.mkdir(parents=True, exist_ok=True)
    _clear(folder)
    handle, name = tempfile.mkstemp(suffix=_ARRIVING, prefix="backup-", dir=folder)
    os.close(handle)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def at_hand(name: str | Path) -> Iterator[Path]:
    """Yield the path of a backup, given by its name or as a file of its own.

    One that lies elsewhere is fetched for as long as that. Raises BadBackup when there is none.
    """
    if isinstance(name, Path):
        if not name.is_file():
            raise BadBackup(f"There is no file {name.name}.")
        yield name
        return
    _known(name)
    if (folder := _folder()) is not None:
        yield folder / name
        return
    with arriving() as path:
        with _reached() as storage, storage.open(name, "rb") as source, path.open("wb") as target:
            copyfileobj(source, target)
        yield path


class _Moved(File[bytes]):
    """A file that a storage in a folder takes by giving it another name."""

    def __init__(self, path: Path) -> None:
        super().__init__(None, name=path.name)
        self._path = path

    def temporary_file_path(self) -> str:
        return str(self._path)


@contextmanager
def _reached() -> Iterator[Storage]:
    """Yield the storage. Raises OSError for whatever goes wrong with it, as a folder does."""
    try:
        yield storages["backups"]
    except OSError:
        raise
    except Exception as problem:
        said = str(problem).partition("\n")[0].rstrip(".") or type(problem).__name__
        raise StorageFailed(errno.EIO, said) from problem


def _put_elsewhere(storage: Storage, path: Path, name: str) -> str:
    # Some storages would write it over another one of the same second.
    root, _, extension = name.rpartition(".")
    while storage.exists(name):
        name = storage.get_alternative_name(root, f".{extension}")
    with path.open("rb") as file:
        return storage.save(name, File(file))


def _folder() -> Path | None:
    """Return the folder of the backups; None when they lie somewhere else."""
    with _reached() as storage:
        return Path(storage.location) if isinstance(storage, FileSystemStorage) else None


def _known(name: str) -> None:
    if not _is_there(name):
        raise BadBackup("There is no backup of this name.")


def _is_there(name: str) -> bool:
    with _reached() as storage:
        return understood(name) is not None and storage.exists(name)


def _names() -> list[str]:
    """Return the names of all backups, the newest first."""
    with _reached() as storage:
        try:
            _, names = storage.listdir("")
        except FileNotFoundError:
            return []
    found = [(one.made_at, name) for name in names if (one := understood(name))]
    return [name for _, name in sorted(found, reverse=True)]


def _described(name: str) -> Backup | None:
    found = understood(name)
    if found is None:
        return None
    size, manifest = 0, None
    try:
        with _reached() as storage:
            size = storage.size(name)
        manifest = _manifest(name)
    except FileNotFoundError:
        return None  # deleted since the list was read
    except (BadBackup, OSError):
        pass
    return _backup(name, found.made_at, found.kind, size, manifest)


def _manifest(name: str) -> Manifest | None:
    if (folder := _folder()) is not None:
        with Archive(folder / name) as archive:
            return archive.manifest
    with _reached() as storage:
        if not storage.exists(_label(name)):
            return None
        with storage.open(_label(name), "rb") as file:
            text = file.read()
    return Manifest.read(text)


def _backup(
    name: str, made_at: datetime, kind: str, size: int, manifest: Manifest | None
) -> Backup:
    if manifest is None:
        return Backup(name, made_at, kind, size)
    about = (manifest.counts, manifest.files, len(manifest.missing), manifest.drifts)
    return Backup(name, made_at, kind, size, *about, is_readable=True)


def _label(name: str) -> str:
    return f"{name}.json"


def _let_go(kinds: set[Kind], keep: int, *spared: str) -> list[str]:
    if keep < 1:
        raise ValueError("at least one backup is kept")
    of_kind = [name for name in _names() if (one := understood(name)) and one.kind in kinds]
    gone = [name for name in of_kind[keep:] if name not in spared]
    for name in gone:
        with suppress(BadBackup):  # somebody else was faster
            remove(name)
    return gone


def _clear(folder: Path) -> None:
    """Delete what was left behind when somebody's machine went off while it wrote a backup."""
    for path in folder.glob(f"backup-*{_ARRIVING}"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - _ARRIVES_WITHIN:
                path.unlink()
