"""Files of others are what they say they are."""

import hashlib
import subprocess
import sys

import pytest
from django.conf import settings

VENDOR = settings.BASE_DIR / "static" / "vendor"
OURS = {"README.md", "build_icons.py"}


def listed() -> dict[str, list[str]]:
    """Return the rows of the table in the README, by file."""
    rows = {}
    for line in (VENDOR / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells[-1]) == 64:
            rows[cells[0]] = cells[1:]
    return rows


def files() -> dict[str, str]:
    """Return the SHA-256 of every vendored file, by its name below static/vendor."""
    found = (path for path in VENDOR.rglob("*") if path.is_file())
    return {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in found
        if path.name not in OURS and "__pycache__" not in path.parts
    }


def test_every_file_is_listed_and_unchanged():
    assert {name: row[-1] for name, row in listed().items()} == files()


def test_every_file_has_a_version_and_a_licence():
    assert files()
    assert [
        name for name, (version, licence, _) in listed().items() if not (version and licence)
    ] == []


@pytest.mark.parametrize("folder", [path.name for path in VENDOR.iterdir() if path.is_dir()])
def test_every_package_brings_its_licence(folder):
    assert [*(VENDOR / folder).glob("LICENSE*")]


def test_the_sprite_of_icons_is_up_to_date():
    command = [sys.executable, VENDOR / "build_icons.py", "--check"]
    run = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (run.returncode, run.stderr) == (0, "")
