"""The app in a process and a place of its own, with the environment that a test gives it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from django.conf import settings

# Coverage's own as well: what runs in a copy of the app is no line of it.
_OURS = ("ALLOWED_", "COV", "DATA", "DEBUG", "HTTPS", "LOG_", "MAIL_", "SECRET_", "TIME_ZONE")


def settle(folder: Path) -> Path:
    """Copy what reads the settings to `folder`, where no .env is."""
    for name in ("__init__.py", "settings.py", "logs.py", "mail.py"):
        _copy(f"config/{name}", folder)
    for name in ("__init__.py", "request_ids.py"):
        _copy(f"people/{name}", folder)
    return folder


def _copy(name: str, folder: Path) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    shutil.copy(settings.BASE_DIR / name, folder / name)


def run(script: str, *, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a Python script in `folder`; of the app's variables it sees only those given."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=inherited | {"DJANGO_SETTINGS_MODULE": "config.settings"} | environment,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
