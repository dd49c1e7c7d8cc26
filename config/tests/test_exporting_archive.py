"""The ZIP of an export: the document, every paper once, every photo, and a manifest."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from config.exporting.archives import Contents, archive
from config.exporting.scopes import Everything, Member
from config.tests.exports import NOW, PAPER, PHOTO, json_of, manifest_of, small, zip_of
from people.models import User
from people.tests.factories import UserFactory
from purchases.files import place_of
from purchases.models import Attachment, Blob, Purchase
from purchases.tests.factories import AttachmentFactory, PurchaseFactory, viewer_of

pytestmark = pytest.mark.django_db

SHA256 = hashlib.sha256(PAPER).hexdigest()
PLACE = f"files/{SHA256[:2]}/{SHA256[2:4]}/{SHA256}"


@pytest.fixture(autouse=True)
def _small(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    small()


def opened(packed: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(packed))


def test_holds_the_document_the_papers_the_photos_and_last_the_manifest():
    with opened(zip_of()) as found:
        assert found.testzip() is None
        assert found.namelist() == ["data.json", "photos/ben.webp", PLACE, "manifest.json"]
        assert found.read("data.json").decode() == json_of()
        assert found.read(PLACE) == PAPER
        assert found.read("photos/ben.webp") == PHOTO


def test_the_manifest_says_what_each_member_is():
    packed = zip_of()
    said = manifest_of(packed)
    assert (said["format"], said["version"], said["scope"]) == (
        "pursestrings-export",
        2,
        "everything",
    )
    assert (said["made_at"], said["base_currency"]) == ("2026-07-15T12:00:00Z", "USD")
    assert said["counts"]["purchases.Purchase"] == 2
    assert said["lost"] == []
    with opened(packed) as found:
        for name, about in said["members"].items():
            content = found.read(name)
            assert about == {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        assert {*said["members"], "manifest.json"} == set(found.namelist())


def test_the_same_data_at_the_same_moment_is_the_same_archive():
    assert zip_of() == zip_of()
    assert zip_of() != zip_of(now=NOW + timedelta(hours=1))


def test_bytes_that_several_papers_share_are_in_it_once():
    AttachmentFactory(blob=Blob.objects.get(), purchase=Purchase.objects.last())
    with opened(zip_of()) as found:
        assert found.namelist().count(PLACE) == 1
        assert len(json.loads(found.read("data.json"))["tables"]["purchases.Attachment"]) == 2


@pytest.mark.parametrize("damage", ["gone", "different"])
def test_a_paper_that_is_lost_is_named_and_keeps_nobody_from_the_others(damage):
    path = place_of(Blob.objects.get().path)
    path.unlink() if damage == "gone" else path.write_bytes(b"other")
    contents = Contents()
    packed = b"".join(archive(Everything(), now=NOW, contents=contents))
    assert contents.lost == manifest_of(packed)["lost"] == [PLACE]
    assert contents.files == 1
    with opened(packed) as found:
        assert PLACE not in found.namelist()
        assert found.read("photos/ben.webp") == PHOTO


def test_a_photo_that_is_lost_is_named_too():
    Path(default_storage.path("people/ben.webp")).unlink()
    assert manifest_of(zip_of())["lost"] == ["photos/ben.webp"]


def test_whoever_stops_reading_leaves_nothing_behind(recwarn):
    pieces = archive(Everything(), now=NOW)
    next(pieces)
    pieces.close()
    assert list(recwarn) == []
    assert len(zip_of()) > 0


def test_no_piece_is_empty():
    assert all(archive(Everything(), now=NOW))


class TestOfAMember:
    def test_holds_their_own_papers_alone(self):
        ben = User.objects.get(username="ben")
        with opened(zip_of(Member(viewer_of(ben)))) as found:
            assert found.namelist() == ["data.json", "photos/ben.webp", "manifest.json"]
        ann = User.objects.get(username="ann")
        with opened(zip_of(Member(viewer_of(ann)))) as found:
            assert PLACE in found.namelist()
        assert manifest_of(zip_of(Member(viewer_of(ben))))["scope"] == "member"

    def test_holds_what_waits_for_a_form_to_be_saved(self):
        cleo = UserFactory()
        AttachmentFactory(blob=Blob.objects.get(), purchase=None, uploaded_by=cleo)
        with opened(zip_of(Member(viewer_of(cleo)))) as found:
            assert PLACE in found.namelist()

    def test_a_shared_purchase_of_somebody_else_brings_no_paper(self):
        cleo = UserFactory()
        Attachment.objects.all().delete()
        AttachmentFactory(blob=Blob.objects.get(), purchase=PurchaseFactory(shared=True))
        with opened(zip_of(Member(viewer_of(cleo)))) as found:
            assert PLACE not in found.namelist()
