"""A place of a test's own for backups and files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.test import override_settings


@contextmanager
def shelf_in(folder: Path) -> Iterator[Path]:
    """Let files and backups lie in `folder`; yield where the backups are."""
    shelf = folder / "backups"
    backups = settings.STORAGES["backups"]
    backups = {**backups, "OPTIONS": {**backups["OPTIONS"], "location": shelf}}
    storages = {**settings.STORAGES, "backups": backups}
    with override_settings(STORAGES=storages, MEDIA_ROOT=folder / "media"):
        yield shelf
