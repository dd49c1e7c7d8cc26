"""A backup being made, while everybody goes on."""

import errno
from datetime import datetime

from config.backups import shelf
from config.backups.names import Kind, name_for
from config.backups.shelf import Backup
from config.backups.writing import Moved, write

#: How often the rows are read anew because a file went with its row meanwhile.
MOST_ATTEMPTS = 5


def make(*, now: datetime, kind: str = Kind.MANUAL) -> Backup:
    """Make a backup of everything as it is now, and return it.

    Files that are lost are named in the backup, and counted in what is returned. Raises OSError
    when it cannot be written; nothing is left of it then.
    """
    kind = Kind(kind)
    with shelf.arriving() as path:
        for _ in range(MOST_ATTEMPTS):
            try:
                manifest = write(path, made_at=now, kind=kind)
            except Moved:
                continue
            return shelf.put(path, name_for(now, kind), manifest)
    raise OSError(errno.EAGAIN, "The papers change faster than they can be copied")
