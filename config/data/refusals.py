"""Why a backup could not be made, read or restored, in words for its owner."""

from django.db import DatabaseError

from config.backups import BadBackup, RestoreFailed, RestoreRunning, refusals

#: What may come of working with backups that is no fault of the program.
REFUSALS = (BadBackup, RestoreRunning, RestoreFailed, OSError, DatabaseError)


def in_words(problem: Exception) -> str:
    """Return the sentence for what happened; no path of the machine stands in it."""
    if isinstance(problem, RestoreRunning | RestoreFailed):
        return str(problem)
    return refusals.in_words(problem)


def status_of(problem: Exception) -> int:
    """Return the HTTP status that goes with it."""
    return 409 if isinstance(problem, RestoreRunning) else 422
