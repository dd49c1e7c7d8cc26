"""Files at the same moment: real threads, each with a connection of its own, on either database."""

from functools import partial
from pathlib import Path
from threading import Thread

import pytest
from django.db import connection, transaction

from budgets.tests.threads import together
from people.models import User
from people.tests.factories import UserFactory
from purchases import files, keeping
from purchases.keeping.attaching import adopt
from purchases.keeping.inspecting import check_files
from purchases.models import Attachment, Blob, Purchase
from purchases.tests.factories import NOW, PurchaseFactory
from purchases.tests.pictures import upload

pytestmark = pytest.mark.django_db(transaction=True)

CONTENT = b"A receipt" * 1000


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "purchases"


@pytest.fixture
def member() -> User:
    return UserFactory()


@pytest.fixture
def purchase(member) -> Purchase:
    return PurchaseFactory(owner=member)


def stage(by: User, content: bytes = CONTENT) -> Attachment:
    return keeping.stage(upload=upload(content), kind="receipt", by=by, now=NOW)


def add(purchase: Purchase, content: bytes = CONTENT) -> Attachment:
    taken = keeping.attach(
        purchase=purchase, uploads=[upload(content)], kind="photo", by=purchase.owner, now=NOW
    )
    return taken.kept[0]


def detach(paper: Attachment) -> None:
    keeping.detach(attachment=paper)


def assert_sound(results: list[object], folder: Path) -> None:
    """Nobody failed, and files and rows agree to the byte."""
    assert [result for result in results if isinstance(result, Exception)] == []
    assert list(check_files(now=NOW, verify=True)) == []
    assert len(files.stored()) == Blob.objects.count()
    assert not Blob.objects.filter(attachments__isnull=True).exists()
    assert not list(folder.glob("arriving/*"))


def test_eight_uploads_of_the_same_bytes_make_one_file_and_eight_rows(member, purchase, folder):
    calls = [partial(stage, member)] * 4 + [partial(add, purchase)] * 4
    assert_sound(together(calls), folder)
    assert Attachment.objects.count() == 8
    assert Attachment.objects.filter(purchase=purchase).count() == 4
    assert len(files.stored()) == 1


@pytest.mark.parametrize("turn", range(8))
def test_deleting_the_last_while_somebody_uploads_loses_nothing(member, folder, turn):
    papers = [stage(member) for _ in range(turn % 2 + 1)]
    deletions = [partial(detach, paper) for paper in papers]
    results = together([*deletions, partial(stage, UserFactory())])
    assert_sound(results, folder)
    paper = Attachment.objects.get()
    with files.opened(paper.blob) as file:
        assert file.read() == CONTENT
    keeping.detach(attachment=paper)
    assert files.stored() == set()


def test_many_who_upload_and_delete_the_same_bytes(member, folder):
    def come_and_go() -> None:
        for _ in range(5):
            detach(stage(member))

    def come_and_stay() -> Attachment:
        detach(stage(member))
        return stage(member)

    results = together([come_and_go] * 4 + [come_and_stay] * 2)
    assert_sound(results, folder)
    assert Attachment.objects.count() == 2
    assert len(files.stored()) == 1


def test_eight_who_delete_at_once_leave_nothing(member, folder):
    papers = [stage(member) for _ in range(8)]
    assert_sound(together([partial(detach, paper) for paper in papers]), folder)
    assert files.stored() == set()


def test_one_paper_deleted_by_many_is_deleted_once(member, folder):
    paper, other = stage(member), stage(member)
    assert_sound(together([partial(detach, paper)] * 6), folder)
    assert Attachment.objects.get() == other


@pytest.mark.parametrize("turn", range(4))
def test_a_file_that_waits_is_saved_or_dropped_never_both(member, purchase, folder, turn):
    paper = stage(member)
    save = partial(
        keeping.change,
        purchase=purchase,
        values={},
        version=1,
        by=member,
        now=NOW,
        files=[paper],
    )
    drop = partial(keeping.drop_stale, now=NOW.replace(year=NOW.year + 1))
    saved, dropped = together([save, drop])
    assert_sound([saved, dropped], folder)
    assert dropped in (0, 1)
    left = 0 if dropped == 1 else 1
    assert (purchase.attachments.count(), len(files.stored())) == (left, left)


def test_a_file_whose_form_is_just_being_saved_is_not_dropped(member, purchase, folder):
    paper = stage(member)
    dropped: list[int] = []

    def drop() -> None:
        try:
            dropped.append(keeping.drop_stale(now=NOW.replace(year=NOW.year + 1)))
        finally:
            connection.close()

    thread = Thread(target=drop)
    with transaction.atomic():
        adopt(purchase=purchase, attachments=[paper], by=member)
        thread.start()
        thread.join(timeout=0.3)  # it waits for what is held here
    thread.join(timeout=30)
    assert dropped == [0]
    assert purchase.attachments.get() == paper
    assert len(files.stored()) == 1


@pytest.mark.parametrize("turn", range(4))
def test_cleaning_up_while_somebody_uploads_loses_nothing(member, folder, turn):
    detach(stage(member))
    place = files.place_of(Blob(sha256=stage(member).blob_id).path)
    detach(Attachment.objects.get())
    place.write_bytes(CONTENT)  # as if nobody had deleted it

    def clean() -> int:
        return len(list(check_files(now=NOW, delete_orphans=True)))

    assert_sound(together([clean, partial(stage, member), clean]), folder)
    assert len(files.stored()) == 1
