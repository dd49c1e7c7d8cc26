"""What templates point at exists."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template

from config.tests.addresses import addresses

FOLDER = settings.BASE_DIR / "templates"
TEMPLATES = sorted(path for path in FOLDER.rglob("*.*") if path.is_file())
SPRITE = (settings.BASE_DIR / "static" / "img" / "icons.svg").read_text(encoding="utf-8")


def named(pattern: str) -> dict[str, set[str]]:
    """Return what the templates name in a tag, and where."""
    found: dict[str, set[str]] = {}
    for path in TEMPLATES:
        for name in re.findall(pattern, path.read_text(encoding="utf-8")):
            found.setdefault(name, set()).add(path.name)
    assert found
    return found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_every_template_compiles(path: Path):
    get_template(path.relative_to(FOLDER).as_posix())


def test_every_address_that_a_template_names_exists():
    known = {address.name for address in addresses()}
    urls = named(r"{%\s*url\s+['\"]([^'\"]+)['\"]")
    assert {name: where for name, where in urls.items() if name not in known} == {}


def test_an_address_is_computed_in_the_console_alone():
    """What is computed cannot be checked above; the console's own filter names its own pages."""
    computed = named(r"{%\s*url\s+([^'\"\s]+)")
    assert [name for name in computed if "|admin_urlname:" not in name] == []


def test_every_static_file_that_a_template_names_exists():
    files = named(r"{%\s*static\s+['\"]([^'\"]+)['\"]")
    assert {name: where for name, where in files.items() if not finders.find(name)} == {}


def test_every_icon_that_a_template_names_is_in_the_sprite():
    icons = named(r"_icon\.html[\"'] with name=[\"']([^\"']+)[\"']")
    drawn = set(re.findall(r'<symbol id="([^"]+)"', SPRITE))
    assert {name: where for name, where in icons.items() if name not in drawn} == {}


def test_every_template_that_another_includes_or_extends_exists():
    others = named(r"{%\s*(?:include|extends)\s+[\"']([^\"'#]+)")
    for name in others:
        get_template(name)
