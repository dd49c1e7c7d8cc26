"""`manage.py check_files`: what is missing, what nothing points at, what is different."""

import os
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from purchases import files, keeping
from purchases.models import Attachment, Blob
from purchases.tests.factories import NOW, BlobFactory, PurchaseFactory
from purchases.tests.pictures import upload

pytestmark = pytest.mark.django_db(transaction=True)

LOST = "ab/cd/" + "abcd" * 16


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "purchases"


@pytest.fixture
def paper() -> Attachment:
    purchase = PurchaseFactory()
    taken = keeping.attach(
        purchase=purchase, uploads=[upload()], kind="receipt", by=purchase.owner, now=NOW
    )
    return taken.kept[0]


def check(*options: str) -> list[str]:
    """Return what the command prints; the last line is why it fails, if it does."""
    out = StringIO()
    try:
        call_command("check_files", *options, stdout=out)
    except CommandError as problem:
        return [*out.getvalue().splitlines(), f"FAILED {problem} ({problem.returncode})"]
    return out.getvalue().splitlines()


def lay(folder: Path, path: str, content: bytes = b"lost", *, age: timedelta | None = None) -> Path:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    if age is not None:
        then = (timezone.now() - age).timestamp()
        os.utime(file, (then, then))
    return file


def test_nothing_at_all_agrees():
    assert check() == ["The files agree (0)."]


def test_files_that_are_there_agree(paper):
    assert check("--verify") == ["The files agree (1)."]


def test_a_missing_file_is_named_with_who_needs_it(paper):
    files.place_of(paper.blob.path).unlink()
    assert check() == [
        f"missing: {paper.blob.path} (attachments {paper.pk})",
        "FAILED Files that do not agree with their rows: missing 1. (1)",
    ]


def test_a_small_version_of_a_picture_agrees_with_it(paper):
    keeping.keep_thumbnail(blob=paper.blob, small=b"small")
    assert check("--verify") == ["The files agree (1)."]


def test_a_small_version_that_was_left_behind_is_deleted_when_asked(folder):
    left = lay(folder, f"{LOST}.webp")
    assert check()[0] == f"orphaned: {LOST}.webp"
    assert check("--delete-orphans")[0] == f"deleted: {LOST}.webp"
    assert not left.exists()


@pytest.mark.parametrize("path", [LOST, "notes.txt", "ab/cd/readme", "ab/cd/readme.webp"])
def test_a_file_that_no_row_knows_is_orphaned(paper, folder, path):
    lay(folder, path)
    assert check() == [
        f"orphaned: {path}",
        "FAILED Files that do not agree with their rows: orphaned 1. (1)",
    ]


def test_looking_changes_nothing(paper, folder):
    orphan = lay(folder, LOST)
    check()
    assert orphan.exists()
    assert Blob.objects.get() == paper.blob


def test_orphans_are_deleted_when_asked(paper, folder):
    orphan = lay(folder, LOST)
    assert check("--delete-orphans") == [
        f"deleted: {LOST}",
        "Orphaned files deleted: 1.",
        "The files agree (1).",
    ]
    assert not orphan.exists()
    assert files.place_of(paper.blob.path).exists()


def test_what_we_did_not_put_there_is_left_alone(folder):
    file = lay(folder, "notes.txt")
    assert check("--delete-orphans")[-1].startswith("FAILED")
    assert file.exists()


def test_a_row_that_no_attachment_needs_is_orphaned(paper, folder):
    Attachment.objects.all().delete()  # beside the verbs, as deleting in bulk does
    assert check()[0] == f"orphaned: {paper.blob.path}"
    assert check("--delete-orphans")[0] == f"deleted: {paper.blob.path}"
    assert not Blob.objects.exists()
    assert files.stored() == set()
    assert check() == ["The files agree (0)."]


def test_a_row_without_attachment_and_file_goes_too():
    BlobFactory()
    check("--delete-orphans")
    assert check() == ["The files agree (0)."]


def test_what_never_arrived_is_orphaned_after_a_day(folder):
    old = lay(folder, "arriving/old", age=timedelta(hours=25))
    young = lay(folder, "arriving/young", age=timedelta(hours=23))
    assert check()[0] == "orphaned: arriving/old"
    check("--delete-orphans")
    assert (old.exists(), young.exists()) == (False, True)
    assert check() == ["The files agree (0)."]


def test_other_bytes_are_noticed_by_reading_them(paper):
    place = files.place_of(paper.blob.path)
    place.write_bytes(b"a RECEIPT")
    assert check() == ["The files agree (1)."]
    assert check("--verify") == [
        f"different: {paper.blob.path} (attachments {paper.pk})",
        "FAILED Files that do not agree with their rows: different 1. (1)",
    ]


def test_bytes_that_were_cut_short_are_noticed_without_reading(paper):
    files.place_of(paper.blob.path).write_bytes(b"A")
    assert check()[0] == f"different: {paper.blob.path} (attachments {paper.pk})"
    assert check("--delete-orphans")[0].startswith("different: ")
    assert files.place_of(paper.blob.path).read_bytes() == b"A"
