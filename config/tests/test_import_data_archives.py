"""Archives that are not what `export_data` wrote: each is refused before anything is changed."""

import io
import json
import stat
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from config.exporting.taking import take_in
from config.portable.tables import tables
from config.tests.exports import PHOTO, erase, small, zip_of
from people.models import User

pytestmark = pytest.mark.django_db

type Members = dict[str, bytes]


@pytest.fixture
def members(settings, tmp_path) -> Members:
    """Return what a good archive holds, in an installation that is empty now."""
    settings.MEDIA_ROOT = tmp_path / "media"
    small()
    packed = zip_of()
    erase()
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    with ZipFile(io.BytesIO(packed)) as found:
        return {name: found.read(name) for name in found.namelist()}


@pytest.fixture
def refused(tmp_path) -> Callable[[bytes], str]:
    """Return why an archive is not taken in; nothing must have changed."""

    def why(packed: bytes) -> str:
        path = tmp_path / "export.zip"
        path.write_bytes(packed)
        with pytest.raises(CommandError) as refusal:
            call_command("import_data", str(path))
        assert not User.objects.exists()
        counts = {
            table.name: table.model._base_manager.count()
            for table in tables(without=["contenttypes.ContentType", "auth.Permission"])
        }
        assert set(counts.values()) == {0}
        root = Path(default_storage.path(""))
        assert [path for path in root.rglob("*") if path.is_file()] == []
        return str(refusal.value)

    return why


def packed(members: Members, *more: tuple[ZipInfo, bytes]) -> bytes:
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        for info, content in more:
            archive.writestr(info, content)
    return target.getvalue()


def manifest(members: Members, /, **changed: Any) -> Members:
    said = {**json.loads(members["manifest.json"]), **changed}
    return {**members, "manifest.json": json.dumps(said).encode()}


def paper_of(members: Members) -> str:
    return next(name for name in members if name.startswith("files/"))


def test_one_that_is_packed_anew_is_taken(members, tmp_path):
    path = tmp_path / "export.zip"
    path.write_bytes(packed(members))
    assert take_in(path).laid == 2


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_one_that_is_cut_off(members, refused, part):
    whole = packed(members)
    assert "breaks off" in refused(whole[: int(len(whole) * part)])


def test_what_only_looks_like_one(refused, members):
    assert "damaged" in refused(b"PK but no archive at all")


def test_one_that_is_encrypted(members, refused):
    whole = bytearray(packed(members))
    place = whole.index(b"PK\x01\x02") + 8
    whole[place : place + 2] = struct.pack("<H", 1)
    assert "is encrypted" in refused(bytes(whole))


@pytest.mark.parametrize("name", ["manifest.json", "data.json"])
def test_one_without_its_manifest_or_document(members, refused, name):
    del members[name]
    assert f"it has no {name}" in refused(packed(members))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"5", b'{"format":"pursestrings-export"}', b"[" * 100_000]
)
def test_a_manifest_that_says_nothing(members, refused, content):
    members["manifest.json"] = content
    assert "manifest.json is damaged" in refused(packed(members))


def test_a_manifest_of_something_else(members, refused):
    backup = manifest(members, format="pursestrings-backup")
    assert "is no export of Pursestrings" in refused(packed(backup))


def test_a_newer_version(members, refused):
    assert "version 3 of the format" in refused(packed(manifest(members, version=3)))


def test_a_paper_that_is_missing(members, refused):
    name = paper_of(members)
    del members[name]
    assert f"“{name}” is missing" in refused(packed(members))


@pytest.mark.parametrize("name", ["data.json", "photos/ben.webp", "paper"])
def test_one_flipped_bit(members, refused, name):
    name = paper_of(members) if name == "paper" else name
    content = bytearray(members[name])
    content[len(content) // 2] ^= 1
    members[name] = bytes(content)
    assert f"“{name}” is damaged" in refused(packed(members))


def test_a_flipped_bit_that_the_archive_itself_notices(members, refused):
    whole = bytearray(packed(members))
    whole[whole.index(PHOTO[:4]) + 1 if PHOTO[:4] in whole else 60] ^= 1
    assert "damaged" in refused(bytes(whole))


def test_a_paper_that_its_row_does_not_mean(members, refused):
    name = paper_of(members)
    said = json.loads(members["manifest.json"])
    members[name] = members["photos/ben.webp"]
    said["members"][name] = said["members"]["photos/ben.webp"]
    assert "is not the file that its row means" in refused(packed(manifest(members, **said)))


@pytest.mark.parametrize("name", ["../x", "/etc/x", "files/../../x", "C:\\x", "a//b"])
def test_a_member_with_a_name_that_leads_elsewhere(members, refused, name):
    assert "The archive is not taken" in refused(packed({**members, name: b"x"}))


def test_a_member_that_the_manifest_does_not_name(members, refused):
    assert "“x.txt” does not belong" in refused(packed({**members, "x.txt": b"x"}))


def test_a_member_that_no_row_needs(members, refused):
    said = json.loads(members["manifest.json"])
    said["members"]["photos/x.webp"] = said["members"]["photos/ben.webp"]
    more = {**manifest(members, **said), "photos/x.webp": PHOTO}
    assert "no row needs it" in refused(packed(more))


def test_a_link(members, refused):
    info = ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "is a link" in refused(packed(members, (info, b"/etc/passwd")))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_twice(members, refused):
    twice = packed(members, (ZipInfo("data.json"), members["data.json"]))
    assert "twice" in refused(twice)


def test_a_bomb(members, refused):
    bomb = packed({**members, "photos/x.webp": b"\0" * 50_000_000})
    assert "times larger than it is packed" in refused(bomb)
