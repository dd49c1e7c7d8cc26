"""What the repository may not hold."""

import subprocess
from pathlib import Path

import pytest
from django.conf import settings

# In pieces, so that this file names none of them.
REGISTRIES = [
    ".".join(parts)
    for parts in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("unpkg", "com"),
        ("jsdelivr", "net"),
        ("docker", "io"),
        ("ghcr", "io"),
        ("quay", "io"),
    ]
]
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def tracked() -> list[Path]:
    """Return the files that are, or with the next commit would be, in the repository."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        check=True,
        text=True,
    )
    files = [settings.BASE_DIR / name for name in listing.stdout.split("\0") if name]
    return [file for file in files if file.is_file()]


def test_no_file_names_a_registry_host():
    named = {
        f"{file.relative_to(settings.BASE_DIR)}: {host}"
        for file in tracked()
        for host in REGISTRIES
        if host.encode() in file.read_bytes()
    }
    assert named == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_package_by_hash_and_names_no_host(lock):
    text = (settings.BASE_DIR / lock).read_text(encoding="utf-8")
    assert "://" not in text
    requirements = text.replace("\\\n", "").splitlines()
    packages = [line for line in requirements if line and not line.lstrip().startswith("#")]
    assert len(packages) > 20
    assert [line for line in packages if "==" not in line or "--hash=sha256:" not in line] == []


def test_secrets_and_databases_stay_out():
    kept_out = {".env", "uv.lock"}
    names = {file.relative_to(settings.BASE_DIR).as_posix() for file in tracked()}
    assert names
    assert names & kept_out == set()
    assert [name for name in names if name.startswith("var/") or ".sqlite3" in name] == []
