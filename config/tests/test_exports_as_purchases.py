"""An export of ours, sent to an import: every purchase is read as it was written."""

from dataclasses import fields

import pytest

from config.exporting.scopes import Member
from config.tests.exports import PAPER, json_of, small, zip_of
from people.models import User
from purchases.importing.archives import Archive
from purchases.importing.choices import Choices
from purchases.importing.formats import recognise
from purchases.importing.rows import Row
from purchases.importing.sources import Source, look
from purchases.models import Purchase
from purchases.tests.factories import viewer_of

pytestmark = pytest.mark.django_db

NAMES = {"retailer", "brand", "owner"}
#: What a purchase itself does not hold, or not under this name.
ELSEWHERE = {
    *("line", "uid", "tags", "warranties", "files", "left_out", "oddities"),
    *("retailer_link", "brand_link", "shared", "was_for_gift", "secret_until"),
}


@pytest.fixture(autouse=True)
def _small(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    small()


@pytest.fixture
def read(tmp_path, settings):
    """Return what reads an export that was sent, as an import does."""

    def rows(content, name):
        path = tmp_path / name
        path.write_bytes(content)
        source = Source(path=path, head=look(path, name=name), name=name)
        found = recognise(source.head)
        assert found.key == "pursestrings"
        return [said for _, said in found.read(source, Choices(currency=settings.CURRENCY))]

    return rows


def test_every_purchase_is_read_as_it_was_written(read):
    rows = read(json_of().encode(), "export.json")
    stored = list(Purchase.objects.order_by("pk"))
    assert [row.uid for row in rows] == [str(purchase.uid) for purchase in stored]
    for row, purchase in zip(rows, stored, strict=True):
        for name in {field.name for field in fields(Row)} - ELSEWHERE:
            value = getattr(purchase, name)
            assert getattr(row, name) == (str(value or "") if name in NAMES else value), name
        assert set(row.tags) == {tag.name for tag in purchase.tags.all()}
        assert bool(row.left_out) == purchase.is_trashed
        assert row.was_for_gift == bool(purchase.gift or purchase.secret_until)
        gift_day = purchase.gift.occasion.date if purchase.gift else purchase.secret_until
        assert row.secret_until == gift_day
        assert [(one.kind, one.starts_on, one.ends_on, one.voided) for one in row.warranties] == [
            (one.kind, one.starts_on, one.ends_on, one.voided)
            for one in purchase.warranties.order_by("pk")
        ]


def test_the_papers_come_with_the_archive(read, tmp_path):
    rows = read(zip_of(), "export.zip")
    papers = [paper for row in rows for paper in row.files]
    assert papers
    with Archive(tmp_path / "export.zip") as archive:
        for paper in papers:
            with archive.opened(paper.member) as stream:
                assert stream.read() == PAPER


def test_what_a_member_takes_along_is_read_too(read):
    user = User.objects.order_by("pk").first()
    content = json_of(Member(viewer_of(user))).encode()
    own = Purchase.objects.filter(owner=user)
    assert own
    assert {row.uid for row in read(content, "mine.json")} >= {str(one.uid) for one in own}
