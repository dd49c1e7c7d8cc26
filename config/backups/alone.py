"""One at a time: who replaces everything keeps others from doing so, on every server."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from config.backups.refusals import RestoreRunning

#: What the servers of one PostgreSQL agree upon; any number does.
_KEY = 7_035_881_204_113


@contextmanager
def alone() -> Iterator[None]:
    """Raise RestoreRunning when somebody else is at it; whoever was killed holds nothing."""
    with (settings.DATA_DIR / "restore.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RestoreRunning from None
        if connection.vendor == "postgresql":
            with _alone_on_the_server():
                yield
        else:
            yield


@contextmanager
def _alone_on_the_server() -> Iterator[None]:
    """Hold a lock in a transaction of its own, which also PgBouncer keeps to one connection."""
    beside = connection.copy()
    beside.settings_dict["OPTIONS"].pop("pool", None)
    try:
        beside.set_autocommit(False)
        if not any(_takes(beside) for _ in _tries()):
            raise RestoreRunning
        yield
    finally:
        with suppress(DatabaseError):
            beside.rollback()  # closing alone lets go of it a little later
        beside.close()


def _takes(beside: BaseDatabaseWrapper) -> bool:
    with beside.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_KEY])
        return bool(cursor.fetchone()[0])


def _tries() -> Iterator[int]:
    """Yield a few times within a second: whoever was killed holds it until the server notices."""
    for number in range(10):
        if number:
            time.sleep(0.1)
        yield number
