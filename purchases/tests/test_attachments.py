"""Papers of purchases: bytes are stored once, and stay for whoever still points at them."""

import hashlib
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction

from people.models import User
from people.tests.factories import UserFactory
from purchases import files, keeping
from purchases.files import BadFile
from purchases.models import Attachment, Blob, Purchase
from purchases.models.attachment import MAX_SIZE
from purchases.tests.factories import NOW, AttachmentFactory, PurchaseFactory, buy
from purchases.tests.pictures import HTML, PDF, SVG, picture, upload

# What goes when a transaction has ended must be seen to go.
pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "text/plain"
UNKNOWN = "application/octet-stream"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    """Return where the files of this test lie."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "purchases"


@pytest.fixture
def member() -> User:
    return UserFactory()


@pytest.fixture
def purchase(member) -> Purchase:
    return PurchaseFactory(owner=member)


def stage(by: User, content: bytes = b"A receipt", name: str = "receipt.txt", **how) -> Attachment:
    how = {"kind": "receipt", "now": NOW} | how
    return keeping.stage(upload=upload(content, name), by=by, **how)


def add(purchase: Purchase, content: bytes = b"A receipt", name: str = "a.txt") -> Attachment:
    taken = keeping.attach(
        purchase=purchase,
        uploads=[upload(content, name)],
        kind="receipt",
        by=purchase.owner,
        now=NOW,
    )
    [paper] = taken.kept
    return paper


def stored(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def readable(paper: Attachment) -> bytes:
    with files.opened(paper.blob) as file:
        return file.read()


class TestBytesAreStoredOnce:
    def test_at_a_path_made_of_their_hash(self, purchase, folder):
        paper = add(purchase, b"A receipt")
        key = hashlib.sha256(b"A receipt").hexdigest()
        assert stored(folder) == [folder / key[:2] / key[2:4] / key]
        assert (paper.blob.size, readable(paper)) == (9, b"A receipt")

    def test_however_many_papers_have_them(self, purchase, folder):
        papers = [add(purchase), add(PurchaseFactory()), stage(UserFactory())]
        assert len({paper.pk for paper in papers}) == 3
        assert Blob.objects.count() == len(stored(folder)) == 1

    @pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (1, 2, 0)])
    def test_they_go_with_the_last_whatever_the_order(self, purchase, folder, order):
        papers = [add(purchase, name=f"{name}.txt") for name in "ABC"]
        for place in order[:2]:
            keeping.detach(attachment=papers[place])
            assert readable(papers[order[2]]) == b"A receipt"
        keeping.detach(attachment=papers[order[2]])
        assert stored(folder) == []
        assert not Blob.objects.exists()
        assert not Attachment.objects.exists()

    def test_a_small_version_goes_with_them(self, purchase, folder):
        paper = add(purchase, picture())
        keeping.keep_thumbnail(blob=paper.blob, small=b"small")
        assert len(stored(folder)) == 2
        keeping.detach(attachment=paper)
        assert stored(folder) == []

    def test_deleting_the_first_and_adding_it_again_loses_nothing(self, purchase, folder):
        first, second = add(purchase), add(PurchaseFactory())
        keeping.detach(attachment=first)
        third = add(purchase)
        keeping.detach(attachment=second)
        assert readable(third) == b"A receipt"
        keeping.detach(attachment=third)
        assert stored(folder) == []
        fourth = add(purchase)
        assert readable(fourth) == b"A receipt"

    def test_deleting_and_adding_in_one_transaction_keeps_them(self, purchase, folder):
        first = add(purchase)
        with transaction.atomic():
            keeping.detach(attachment=first)
            second = add(purchase)
        assert readable(second) == b"A receipt"
        assert len(stored(folder)) == 1

    def test_what_was_not_deleted_after_all_is_still_there(self, purchase):
        paper = add(purchase)
        with transaction.atomic():
            keeping.detach(attachment=paper)
            transaction.set_rollback(True)
        assert Attachment.objects.get() == paper
        assert readable(paper) == b"A receipt"

    def test_deleting_twice_is_deleting_once(self, purchase, folder):
        paper, other = add(purchase), add(purchase)
        keeping.detach(attachment=paper)
        keeping.detach(attachment=paper)
        assert readable(other) == b"A receipt"

    def test_bytes_that_were_lost_come_back_with_the_next_upload(self, purchase, folder):
        paper = add(purchase)
        stored(folder)[0].unlink()
        add(PurchaseFactory())
        assert readable(paper) == b"A receipt"

    def test_bytes_that_were_cut_short_are_written_again(self, purchase, folder):
        paper = add(purchase)
        stored(folder)[0].write_bytes(b"A rec")
        add(PurchaseFactory())
        assert readable(paper) == b"A receipt"

    def test_nothing_is_left_where_files_arrive(self, purchase, folder):
        add(purchase)
        add(purchase)
        assert list((folder / "arriving").iterdir()) == []

    def test_a_purchase_that_is_gone_for_good_takes_its_files_along(self, member, folder):
        purchase, other = buy(member, "10.00"), buy(member, "10.00")
        for bought, content in [(purchase, b"A"), (purchase, b"B"), (other, b"A")]:
            add(bought, content)
        trashed = keeping.trash(purchase=purchase, now=NOW)
        assert len(stored(folder)) == 2
        keeping.empty_trash(now=NOW + timedelta(days=31))
        assert not Purchase.objects.filter(pk=trashed.pk).exists()
        assert len(stored(folder)) == Blob.objects.count() == 1


class TestWhatIsTaken:
    def test_ten_mebibytes_and_not_one_byte_more(self, member, folder):
        most = b"x" * MAX_SIZE
        assert MAX_SIZE == 10_485_760
        assert stage(member, most).blob.size == MAX_SIZE
        with pytest.raises(BadFile) as refusal:
            stage(member, most + b"x", "big.txt")
        assert (refusal.value.name, refusal.value.reason) == (
            "big.txt",
            "This file is larger than 10 MB.",
        )
        assert len(stored(folder)) == 1

    def test_not_a_file_of_nothing(self, member, folder):
        with pytest.raises(BadFile, match=r"nothing\.txt: This file is empty\."):
            stage(member, b"", "nothing.txt")
        assert stored(folder) == []
        assert not Blob.objects.exists()

    def test_each_of_several_is_judged_alone(self, purchase):
        uploads = [upload(b"good", "1.txt"), upload(b"", "2.txt"), upload(b"too", "3.txt")]
        taken = keeping.attach(
            purchase=purchase, uploads=uploads, kind="manual", by=purchase.owner, now=NOW
        )
        assert [paper.name for paper in taken.kept] == ["1.txt", "3.txt"]
        assert [(refusal.name, refusal.reason) for refusal in taken.refused] == [
            ("2.txt", "This file is empty.")
        ]
        kept = purchase.attachments.values_list("kind", "uploaded_by", "created_at")
        assert set(kept) == {("manual", purchase.owner_id, NOW)}

    def test_nothing_for_a_purchase_in_the_trash(self, member, folder):
        purchase = buy(member)
        keeping.trash(purchase=purchase, now=NOW)
        with pytest.raises(Purchase.DoesNotExist):
            add(purchase)
        assert stored(folder) == []

    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            (picture("JPEG"), "image/jpeg"),
            (picture("PNG"), "image/png"),
            (picture("GIF"), "image/gif"),
            (picture("WEBP"), "image/webp"),
            (PDF, "application/pdf"),
            (b"Kettle 30,00 \xe2\x82\xac", TEXT),
            (HTML, TEXT),
            (SVG, TEXT),
            (b" " + PDF + b"\0", UNKNOWN),
            (b"K\xf6nig", UNKNOWN),
            (b"text\0with a null", UNKNOWN),
            (picture("BMP"), UNKNOWN),
            (picture("TIFF"), UNKNOWN),
            (picture("PNG")[:60], UNKNOWN),
        ],
    )
    def test_what_it_is_its_bytes_say(self, member, content, kind):
        assert stage(member, content, "photo.png").blob.content_type == kind

    def test_a_small_file_that_unpacks_to_a_huge_picture_is_never_unpacked(self, member):
        bomb = picture("PNG", (9000, 8000))
        assert len(bomb) < 1_000_000
        assert stage(member, bomb).blob.content_type == UNKNOWN


class TestNames:
    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ('日本"é.txt', '日本"é.txt'),
            ("../../x", "x"),
            ("..\\..\\x.txt", "x.txt"),
            ("C:\\Users\\me\\receipt.pdf", "receipt.pdf"),
            ("/etc/passwd", "passwd"),
            ("line\r\nbreak.txt", "linebreak.txt"),
            ("  a   b.txt ", "a b.txt"),
            ("gpj.\u202eexe", "gpj.exe"),
            ("..", "file"),
            ("", "file"),
            ("folder/", "file"),
            ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
        ],
    )
    def test_only_the_last_part_is_kept_and_nothing_that_misleads(self, member, sent, kept):
        file = upload(b"A receipt")
        file._name = sent  # as some other client might send it
        paper = keeping.stage(upload=file, kind="receipt", by=member, now=NOW)
        paper.refresh_from_db()
        assert paper.name == kept

    def test_a_paper_is_called_differently(self, purchase):
        paper = add(purchase)
        keeping.change_attachment(attachment=paper, name="../Kettle.txt", kind="manual")
        paper.refresh_from_db()
        assert (paper.name, paper.kind) == ("Kettle.txt", "manual")

    def test_one_that_is_gone_stays_gone(self, purchase):
        paper = add(purchase)
        Attachment.objects.all().delete()
        keeping.change_attachment(attachment=paper, name="Kettle.txt", kind="manual")
        assert not Attachment.objects.exists()


class TestFilesThatWait:
    def test_become_those_of_the_purchase_that_is_saved(self, member):
        waiting = stage(member)
        assert waiting.purchase is None
        values = {"name": "Kettle", "price": Decimal(30), "purchased_on": NOW.date()}
        purchase = keeping.record(owner=member, values=values, by=member, now=NOW, files=[waiting])
        assert list(purchase.attachments.all()) == [waiting]

    def test_those_of_another_member_or_another_purchase_do_not(self, member, purchase):
        theirs, taken = stage(UserFactory()), add(PurchaseFactory(owner=member))
        keeping.change(
            purchase=purchase,
            values={},
            version=purchase.version,
            by=member,
            now=NOW,
            files=[theirs, taken],
        )
        assert not purchase.attachments.exists()

    def test_go_after_a_day_with_their_bytes(self, member, folder):
        stage(member, b"old", now=NOW - timedelta(hours=24, seconds=1))
        young = stage(member, b"young", now=NOW - timedelta(hours=24))
        saved = AttachmentFactory(created_at=NOW - timedelta(days=400))
        assert keeping.drop_stale(now=NOW) == 1
        assert set(Attachment.objects.all()) == {young, saved}
        assert [path.read_bytes() for path in stored(folder)] == [b"young"]

    def test_one_whose_form_is_saved_in_the_last_moment_stays(self, member, purchase):
        waiting = stage(member, now=NOW - timedelta(days=2))
        with transaction.atomic():
            Attachment.objects.filter(pk=waiting.pk).update(purchase=purchase)
            assert keeping.drop_stale(now=NOW) == 0
        assert readable(waiting) == b"A receipt"
