"""Whole copies of an installation: made while it runs, checked, brought back, let go.

A backup is one ZIP: the rows of every table as `config.portable` writes them, each paper's bytes
once, the photos, and a manifest that names and hashes every member. So it does not matter on which
database it was made. Where backups lie is the storage called "backups".
"""

from config.backups.checking import Report, verify
from config.backups.erasing import erase_everything
from config.backups.making import make
from config.backups.names import Kind
from config.backups.recovering import recover_files
from config.backups.refusals import BadBackup, RestoreFailed, RestoreRunning
from config.backups.restoring import Restored, restore
from config.backups.shelf import Backup, described, listed, opened, prune, remove

__all__ = [
    "Backup",
    "BadBackup",
    "Kind",
    "Report",
    "RestoreFailed",
    "RestoreRunning",
    "Restored",
    "described",
    "erase_everything",
    "listed",
    "make",
    "opened",
    "prune",
    "recover_files",
    "remove",
    "restore",
    "verify",
]
