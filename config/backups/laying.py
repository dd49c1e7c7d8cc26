"""Files laid down from a backup, and those taken away that nobody needs any more."""

import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path

from django.core.files.storage import default_storage

from config.backups.needs import Need, needed_now
from config.backups.reading import Archive
from config.portable.outputs import is_whole, lay
from purchases import files
from purchases.keeping.storing import sweep
from purchases.models import Blob

#: A file that nobody needs may be on its way: its row is written after it.
_ARRIVES_WITHIN = 24 * 60 * 60


def lay_down(archive: Archive, needs: Iterable[Need], laid: list[Need], *, thorough: bool) -> None:
    """Lay down the files that are not there as the backup has them, and note them in `laid`.

    What is whole is left alone. `thorough` reads what is there; else its size has to do. Raises
    BadBackup and OSError.
    """
    arriving = files.folder() / files.ARRIVING
    for need in needs:
        said = archive.manifest.members.get(need.member)
        sha256 = said.sha256 if said and thorough else ""
        if said is None or is_whole(need.place, size=said.size, sha256=sha256):
            continue
        laid.append(need)
        lay(need.place, archive.pieces(need.member), arriving_in=arriving)


def lost(needs: Iterable[Need]) -> tuple[str, ...]:
    """Return which of the files are not there, as their members are called."""
    return tuple(
        need.member
        for need in needs
        if not need.place.is_file() or need.size not in {None, need.place.stat().st_size}
    )


def take_away(needs: Iterable[Need]) -> None:
    """Delete those of the files that no row needs now."""
    for need in needs:
        if need.model is Blob:
            sweep(need.value)
        elif not need.is_still_there():
            need.place.unlink(missing_ok=True)


def sweep_all(before: Collection[Need]) -> None:
    """Delete every file that no row needs now; `before` are those that were needed until now."""
    take_away(before)
    known = {need.place for need in needed_now()}
    for stored in sorted(files.stored()):
        path = stored.removesuffix(".webp")
        if files.place_of(path) not in known:
            sweep(path.rpartition("/")[2])
    old = time.time() - _ARRIVES_WITHIN
    for folder in ("people", "imports"):
        for place in Path(default_storage.path(folder)).rglob("*"):
            with suppress(FileNotFoundError):
                if place.is_file() and place not in known and place.stat().st_mtime < old:
                    place.unlink()
