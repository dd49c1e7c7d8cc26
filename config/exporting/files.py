"""The papers and photos of an export: where they are, and laying them down."""

from collections.abc import Iterator, Mapping

from config.backups.needs import Need
from config.exporting.parcels import Parcel
from config.exporting.refusals import BadExport
from config.portable.outputs import is_whole, lay
from purchases import files as storage


class Files:
    """The files that the rows of an export need."""

    def __init__(self, parcel: Parcel, needs: Mapping[str, Need]) -> None:
        self._parcel = parcel
        self._needs = needs
        for name, sha256 in parcel.files.items():
            if needs[name].sha256 not in {"", sha256}:
                raise BadExport(f"“{name}” is not the file that its row means.")

    def lost(self) -> tuple[str, ...]:
        """Return which are neither in the archive nor here."""
        return tuple(
            name
            for name, need in self._needs.items()
            if name not in self._parcel.files and not is_whole(need.place, sha256=need.sha256)
        )

    def lay_down(self, laid: list[Need]) -> None:
        """Lay down those that are in the archive and not here yet, and note them in `laid`."""
        arriving = storage.folder() / storage.ARRIVING
        for name, sha256 in self._parcel.files.items():
            need = self._needs[name]
            if not is_whole(need.place, sha256=sha256):
                laid.append(need)
                lay(need.place, self._parcel.pieces(name), arriving_in=arriving)

    def missing(self) -> Iterator[str]:
        """Yield which are not here."""
        return (name for name, need in self._needs.items() if not need.place.is_file())
