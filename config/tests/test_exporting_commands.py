"""`export_data`: into a file in one step, or to the standard output."""

import io
import json
import os
import sys
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.management import CommandError, call_command

from config.exporting import documents
from config.exporting.scopes import Member
from config.portable.outputs import write_whole
from config.tests.exports import NOW, json_of, small, zip_of
from people.models import User
from purchases.files import place_of
from purchases.models import Blob
from purchases.tests.factories import viewer_of

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture(autouse=True)
def _small(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    small()


def export(*options: str) -> tuple[str, str]:
    """Run the command and return what it printed, and what it complained of."""
    out, err = StringIO(), StringIO()
    call_command("export_data", *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_everything_as_json(tmp_path):
    target = tmp_path / "all.json"
    out, err = export("--output", str(target))
    assert target.read_text(encoding="utf-8") == json_of()
    assert out == f"Written: {target} ({target.stat().st_size:,} bytes).\n"
    assert err == ""
    assert target.stat().st_mode & 0o777 == 0o600


def test_everything_as_zip(tmp_path):
    target = tmp_path / "all.zip"
    export("--zip", "--output", str(target))
    assert target.read_bytes() == zip_of()


def test_what_one_member_may_see(tmp_path):
    target = tmp_path / "ben.json"
    export("--member", "ben", "--output", str(target))
    ben = Member(viewer_of(User.objects.get(username="ben")))
    assert target.read_text(encoding="utf-8") == json_of(ben)
    export("--member", "ben", "--zip", "--output", str(target))
    assert target.read_bytes() == zip_of(ben)


def test_a_member_who_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="nobody"):
        export("--member", "nobody", "--output", str(tmp_path / "a.json"))
    assert not (tmp_path / "a.json").exists()


class TestTheStandardOutput:
    def test_takes_the_document_and_no_other_word(self, capsysbinary):
        call_command("export_data")
        assert capsysbinary.readouterr().out.decode() == json_of()

    def test_takes_a_zip(self, capsysbinary):
        call_command("export_data", "--zip", "--output", "-")
        with ZipFile(io.BytesIO(capsysbinary.readouterr().out)) as found:
            assert json.loads(found.read("data.json"))["scope"] == "everything"

    def test_is_no_terminal(self, capsysbinary, monkeypatch):
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        with pytest.raises(CommandError, match="--output FILE"):
            call_command("export_data")
        assert capsysbinary.readouterr().out == b""


def test_an_output_that_is_taken_no_further(monkeypatch):
    class Closed(io.BytesIO):
        def writelines(self, pieces: object) -> None:
            raise BrokenPipeError(32, "Broken pipe")

    output = StringIO()
    output.buffer = Closed()
    monkeypatch.setattr(sys, "stdout", output)
    with pytest.raises(CommandError, match="The output was not taken: Broken pipe"):
        call_command("export_data")


def test_files_that_are_lost_are_told(tmp_path):
    blob = Blob.objects.get()
    place_of(blob.path).unlink()
    _, err = export("--zip", "--output", str(tmp_path / "all.zip"))
    assert err == (
        f"Files that could not be had: 1 (files/{blob.path}). The rows that name them are there.\n"
    )


class TestAFileThatIsThere:
    @pytest.fixture
    def target(self, tmp_path) -> Path:
        path = tmp_path / "out" / "all.json"
        path.parent.mkdir()
        path.write_text("old")
        return path

    def test_is_replaced(self, target):
        export("--output", str(target))
        assert target.read_text(encoding="utf-8") == json_of()
        assert list(target.parent.iterdir()) == [target]

    def test_stays_when_the_export_fails(self, target, monkeypatch):
        def broken(*_args: object) -> None:
            raise ValueError("broken")

        monkeypatch.setattr(documents.Document, "_rows", broken)
        with pytest.raises(ValueError, match="broken"):
            export("--output", str(target))
        assert target.read_text() == "old"
        assert list(target.parent.iterdir()) == [target]

    def test_stays_when_the_disk_is_full(self, target, monkeypatch):
        def full(_handle: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(CommandError, match="No space left on device"):
            export("--output", str(target))
        assert target.read_text() == "old"
        assert list(target.parent.iterdir()) == [target]

    def test_is_replaced_where_a_link_leads(self, target, tmp_path):
        link = tmp_path / "link.json"
        link.symlink_to(target)
        write_whole(link, [b"new"])
        assert link.is_symlink()
        assert target.read_bytes() == b"new"


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        export("--output", str(tmp_path / "no" / "all.json"))
