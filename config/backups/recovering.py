"""Files that were lost, brought back from a backup; the rows stay as they are."""

from pathlib import Path

from config.backups import shelf
from config.backups.alone import alone
from config.backups.checking import inspect
from config.backups.laying import lay_down, lost
from config.backups.needs import Need, needed_now
from config.backups.reading import Archive
from config.backups.refusals import RestoreFailed, in_words
from config.backups.restoring import TROUBLE


def recover_files(name: str | Path) -> tuple[int, tuple[str, ...]]:
    """Lay down the files that rows need here, and that are lost or damaged, from a backup.

    Returns how many, and which are lost still. Raises BadBackup, RestoreRunning and RestoreFailed.
    """
    with alone(), shelf.at_hand(name) as path, Archive(path) as archive:
        inspect(archive)
        laid: list[Need] = []
        try:
            needs = list(needed_now())
            lay_down(archive, needs, laid, thorough=True)
        except TROUBLE as problem:
            raise RestoreFailed(in_words(problem)) from problem
        return len(laid), lost(needs)
