"""Why a backup cannot be relied on, or was not made or brought back."""

import errno

from django.db import OperationalError

from config.portable.tables import BadRow

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
#: What PostgreSQL calls a lock that was not to be had in time.
_TAKEN = "55P03"


class BadBackup(Exception):
    """A file that is no backup which could be restored here; the sentence says why."""


class StorageFailed(OSError):
    """The storage of the backups, which is no folder, did not do what was asked."""


class RestoreRunning(Exception):
    """Somebody else is restoring a backup, or erasing everything, just now."""

    def __init__(self) -> None:
        super().__init__("Another restore is running. Wait until it has ended.")


class RestoreFailed(Exception):
    """Nothing was changed; or the database went away at the very end, and nobody can tell.

    Then `restore_point` is the backup of how things stood.
    """

    def __init__(self, reason: str, restore_point: str = "") -> None:
        super().__init__(
            f"{reason} It broke off at the very end: look whether everything is as it was. If not,"
            f" “manage.py restore {restore_point}” brings it back."
            if restore_point
            else f"Nothing was changed. {reason}"
        )
        self.reason = reason
        self.restore_point = restore_point


def in_words(problem: Exception) -> str:
    """Return the sentence for what went wrong; no path of the machine stands in it."""
    if isinstance(problem.__cause__, OperationalError):
        problem = problem.__cause__  # no row is to blame
    if isinstance(problem, BadBackup | BadRow):
        return str(problem)
    if isinstance(problem, StorageFailed):
        return f"The storage of the backups says: {problem.strerror}."
    if isinstance(problem, OSError):
        if problem.errno in _FULL:
            return "There is no room left on the disk."
        return f"The disk says: {problem.strerror or 'no answer'}."
    if "locked" in str(problem) or getattr(problem.__cause__, "sqlstate", "") == _TAKEN:
        return "Somebody else was writing all the time. Stop the app, or try again."
    return f"The database says: {str(problem).partition('\n')[0]}."
