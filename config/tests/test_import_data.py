"""`import_data`: an export of everything in an empty installation, all of it or nothing."""

import gc
import json
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from budgets import ledger
from budgets.ledger.audit import Drift
from config import demo
from config.exporting import taking
from config.exporting.scopes import Everything, Member, exported
from config.exporting.taking import take_in
from config.exporting.versions import VERSION
from config.portable.tables import tables
from config.tests.exports import (
    NOW,
    PAPER,
    PHOTO,
    erase,
    json_of,
    manifest_of,
    small,
    without_moment,
    zip_of,
)
from people.models import User
from people.tests.factories import UserFactory
from purchases import files
from purchases.keeping.inspecting import check_files
from purchases.models import Blob, Purchase, Retailer, Tag
from purchases.tests.factories import viewer_of

pytestmark = pytest.mark.django_db

GOLDEN = Path(__file__).parent / "golden"
type Change = Callable[[dict[str, Any]], object]


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def elsewhere(settings, tmp_path) -> Callable[[], None]:
    """Move to an installation that is empty: no row, no file."""

    def move() -> None:
        erase()
        settings.MEDIA_ROOT = tmp_path / f"media-{token_hex(4)}"

    return move


@pytest.fixture
def put(tmp_path) -> Callable[[str | bytes], Path]:
    """Put something into a file."""

    def write(content: str | bytes) -> Path:
        path = tmp_path / "export"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def run(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_data", str(path), *options, stdout=out)
    return out.getvalue()


def everything_here() -> tuple[list[int], dict[str, bytes]]:
    """Return how many rows each table has, and every file."""
    root = Path(default_storage.path(""))
    lying = {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }
    return [table.model._base_manager.count() for table in tables()], lying


def refused(path: Path, *options: str) -> str:
    """Return why a file is not taken in; nothing must have changed."""
    before = everything_here()
    with pytest.raises(CommandError) as refusal:
        run(path, *options)
    assert everything_here() == before
    said = str(refusal.value)
    assert said.startswith("Nothing was imported. ")
    return said.removeprefix("Nothing was imported. ")


class TestThereAndBack:
    def test_as_zip_it_is_the_same_again(self, elsewhere, put):
        small()
        before = json_of()
        path = put(zip_of())
        elsewhere()
        assert run(path) == (
            "Imported: 34 rows and 2 files.\n"
            "Nobody has a password yet: set one with “manage.py changepassword NAME” for each of"
            " the 2 users.\n"
        )
        assert json_of() == before
        assert files.place_of(Blob.objects.get().path).read_bytes() == PAPER
        assert Path(default_storage.path("people/ben.webp")).read_bytes() == PHOTO
        assert list(check_files(now=NOW, verify=True)) == []
        assert ledger.check() == []

    def test_as_json_beside_the_files_it_is_the_same_again(self, put):
        small()
        before = json_of()
        erase()
        assert "34 rows and 0 files" in run(put(before))
        assert json_of() == before

    def test_all_of_the_demo(self, elsewhere, put, time_machine):
        time_machine.move_to(NOW, tick=False)
        demo.seed(now=NOW)
        before, packed = json_of(), zip_of()
        empty = {name for name, count in json.loads(before)["counts"].items() if not count}
        assert empty <= {"purchases.Preferences", "purchases.ImportPreset"}
        elsewhere()
        take_in(put(packed))
        assert json_of() == before
        assert zip_of() == packed
        assert ledger.check() == []
        assert list(check_files(now=NOW, verify=True)) == []

    def test_only_the_moment_differs(self, put):
        small()
        before = json_of()
        erase()
        run(put(before))
        after = json_of(now=timezone.now())
        assert after != before
        assert without_moment(after) == without_moment(before)

    @pytest.mark.parametrize("version", [1, 2])
    def test_the_golden_file_of_each_version_is_understood(self, put, version):
        run(put((GOLDEN / f"export-{version}.json").read_text(encoding="utf-8")), "--without-files")
        assert json_of() == (GOLDEN / f"export-{VERSION}.json").read_text(encoding="utf-8")

    def test_what_a_version_brought_is_not_made_up_in_a_file_of_that_version(self, put):
        small()
        said = json.loads(json_of())
        erase()
        said["tables"]["budgets.Entry"][0].pop("via")
        assert "The columns of budgets.Entry are others here (via)" in refused(
            put(json.dumps(said))
        )

    def test_an_empty_installation(self, put):
        assert "0 rows" in run(put(json_of()))


class TestAfterwards:
    @pytest.fixture(autouse=True)
    def _imported(self, elsewhere, put):
        small()
        path = put(zip_of())
        elsewhere()
        run(path)

    def test_nobody_has_a_password_until_one_is_set(self, client):
        users = list(User.objects.all())
        assert [user.has_usable_password() for user in users] == [False, False]
        assert len({user.password for user in users}) == 2
        assert authenticate(username="ann", password="") is None
        users[0].set_password("open sesame")
        users[0].save()
        assert client.login(username="ann", password="open sesame")

    def test_new_rows_have_keys_of_their_own(self):
        assert Tag.objects.create(name="new", key="new").pk > 1
        assert UserFactory(username="new").budget.pk > 1

    def test_the_pages_work(self, client: Client, time_machine):
        time_machine.move_to(NOW, tick=False)
        client.force_login(User.objects.get(username="ann"))
        for path in ("/", "/budget/", "/purchases/", "/purchases/1/", "/gifts/", "/people/2/"):
            assert client.get(path).status_code == 200, path

    def test_a_second_import_is_refused(self, put):
        said = refused(put(json_of()))
        assert "There are users here" in said
        assert "manage.py restore" in said


class TestWhatIsThere:
    def test_users_stay_alone(self, put):
        small()
        path = put(json_of())
        erase()
        UserFactory()
        assert "There are users here" in refused(path)

    def test_rows_without_users_stay_alone_too(self, put):
        small()
        path = put(json_of())
        erase()
        Retailer.objects.create(name="Left", key="left")
        assert refused(path) == (
            "There are rows of purchases.Retailer here although nobody signs in any more."
            " Import into a new database."
        )


def changed(change: Change) -> str:
    """Return the small export with something else in it."""
    small()
    said = json.loads(json_of())
    erase()
    change(said)
    for name, rows in said["tables"].items():
        if isinstance(rows, list) and name in said["counts"]:
            said["counts"][name] = len(rows)
    return json.dumps(said)


def first(table: str, **values: object) -> Change:
    return lambda said: said["tables"][table][0].update(values)


class TestFilesThatAreNotTaken:
    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            ("", "The file is empty."),
            ("{", "breaks off"),
            ("[]", "list"),
            ('"x"', "single value"),
            ("null", "single value"),
            ("NaN", "not JSON"),
            ("{}", "This file is no export of Pursestrings."),
            ('{"tables":{}}', "This file is no export of Pursestrings."),
            ('{"tables":{"people.User":[{}]}}', "This file is no export of Pursestrings."),
            ('{"a":' + "[" * 10_000 + "]" * 10_000 + "}", "deep"),
            (b"\xff\xfe\x00", "not UTF-8"),
            (b'{"a":"\xff"}', "not UTF-8"),
            ("name,price\nKettle,5\n", "not JSON"),
        ],
    )
    def test_what_is_no_document(self, put, content, reason):
        assert reason in refused(put(content))

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (lambda said: said.update(format="other"), "no export of Pursestrings"),
            (lambda said: said.update(version=3), "version 3 of the format, and version 2"),
            (lambda said: said.update(scope="member"), "what is one member's own"),
            (lambda said: said.update(scope="half"), "does not say what it holds"),
            (lambda said: said.update(base_currency="EUR"), "Set CURRENCY to EUR"),
            (lambda said: said["tables"].update({"a.B": []}), "No table here is called “a.B”"),
            (lambda said: said["tables"].pop("people.Person"), "people.Person is missing"),
            (lambda said: said["tables"].update({"people.User": {}}), "people.User is missing"),
            (lambda said: said["tables"]["people.User"].append(5), "record 3: is no JSON object"),
            (lambda said: said["tables"]["people.User"].append({}), "others here (date_joined, "),
        ],
    )
    def test_what_is_no_whole_export(self, put, change, reason):
        assert reason in refused(put(changed(change)))

    @pytest.mark.parametrize("version", ["1", True, 0, None, 1.5])
    def test_what_says_no_version(self, put, version: object):
        text = changed(lambda said: said.update(version=version))
        assert "does not say in which version" in refused(put(text))

    @pytest.mark.parametrize("where", ["tables", "counts"])
    def test_rows_that_are_missing(self, put, where):
        small()
        said = json.loads(json_of())
        erase()
        if where == "tables":
            said["tables"]["purchases.Purchase"].pop()
        else:
            said["counts"]["purchases.Purchase"] = None
        assert "The file is not whole" in refused(put(json.dumps(said)))

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            (first("purchases.Purchase", price="1e3"), "purchases.Purchase 1, price"),
            (first("purchases.Purchase", price=5.5), "Money is never a float"),
            (first("purchases.Purchase", price="-5"), "purchases.Purchase, one of 1 to 2"),
            (first("purchases.Purchase", owner_id=99), "owner_id"),
            (first("purchases.Purchase", currency="XXY"), "is no currency"),
            (first("purchases.Purchase", status="lost"), "“lost” is none of the choices"),
            (first("purchases.Purchase", link="javascript:alert(1)"), "link"),
            (first("purchases.Purchase", name="x" * 256), "name"),
            (first("purchases.Purchase", name="a\0b"), "urchase"),
            (first("purchases.Purchase", id=None), "id"),
            (first("purchases.Purchase", colour="red"), "others here (colour): the file was made"),
            (first("purchases.Preferences", purchase_columns=5), "This is no list"),
            (first("purchases.ImportPreset", choices=[]), "This is no dict"),
            (first("purchases.Blob", sha256="../../../settings.py"), "is no SHA-256"),
            (first("purchases.Attachment", blob_id="0" * 64), "blob_id"),
            (first("people.User", timezone="Mars/Base"), "is not a time zone"),
            (first("people.User", id=2), "people.User, one of"),
            (first("people.Person", photo="../../x"), "names no file of ours"),
            (first("people.Person", photo="x.webp"), "lies where none can"),
            (first("budgets.Cycle", spent="1.000000"), "does not agree with itself"),
        ],
    )
    def test_rows_that_do_not_fit(self, put, change, reason):
        assert reason in refused(put(changed(change)), "--without-files")

    def test_the_same_name_twice_in_a_row(self, put):
        text = changed(lambda said: None).replace('{"id": 1,', '{"id": 1, "id": 2,', 1)
        assert "has “id” twice" in refused(put(text))

    def test_a_file_that_is_not_there(self, tmp_path):
        assert "No such file or directory" in refused(tmp_path / "nothing.json")


class TestLostFiles:
    def test_json_without_its_papers_is_not_taken_by_mistake(self, elsewhere, put):
        small()
        path = put(json_of())
        elsewhere()
        said = refused(path)
        assert "The bytes of 2 papers or photos" in said
        assert "--without-files" in said
        assert run(path, "--without-files").splitlines()[:2] == [
            "Imported: 34 rows and 0 files.",
            "Papers and photos that are not here: 2.",
        ]

    def test_other_bytes_under_the_name_are_no_help(self, put):
        small()
        path = put(json_of())
        erase()
        [stored] = files.stored()
        files.place_of(stored).write_bytes(b"other")
        assert "The bytes of 1 papers" in refused(path)

    def test_a_zip_that_could_not_have_a_file_says_so(self, elsewhere, put):
        small()
        files.place_of(Blob.objects.get().path).unlink()
        packed = zip_of()
        assert len(manifest_of(packed)["lost"]) == 1
        path = put(packed)
        elsewhere()
        assert "The bytes of 1 papers" in refused(path)
        assert "Imported: 34 rows and 1 files." in run(path, "--without-files")

    def test_a_file_that_is_here_already_is_left_alone(self, put):
        small()
        path = put(zip_of())
        erase()
        assert "34 rows and 0 files" in run(path)


class TestAllOrNothing:
    @pytest.fixture
    def path(self, elsewhere, put) -> Path:
        small()
        path = put(zip_of())
        elsewhere()
        return path

    @pytest.mark.parametrize("step", ["_load", "_look_again", "set_sequences", "check_references"])
    def test_whatever_fails_on_the_way(self, path, monkeypatch, step):
        def full(*_args: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(taking, step, full)
        assert "No space left on device" in refused(path)
        monkeypatch.undo()
        assert "34 rows and 2 files" in run(path)

    def test_a_ledger_that_does_not_agree(self, path, monkeypatch):
        monkeypatch.setattr(taking.ledger, "check", lambda: [Drift("cycle 1: spent", 1, 2)])
        assert "cycle 1: spent: stored 1, counted 2" in refused(path)

    def test_a_database_that_gives_up(self, path, monkeypatch):
        def gone(*_args: object, **_options: object) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT * FROM nothing_of_ours")

        monkeypatch.setattr(taking, "set_sequences", gone)
        assert "The database says: " in refused(path)


def test_of_a_member_it_is_not_everything(put):
    small()
    packed = zip_of(Member(viewer_of(User.objects.get(username="ben"))))
    erase()
    assert "what is one member's own" in refused(put(packed))


@pytest.mark.django_db(transaction=True)
def test_the_rows_are_there_when_it_is_done(put):
    """Outside any other transaction: it is its own that ends."""
    small()
    path = put(json_of())
    with transaction.atomic():
        erase()
    run(path)
    assert User.objects.count() == 2
    with pytest.raises(CommandError, match="There are users here"):
        run(path)


def test_ten_times_as_many_purchases_need_no_more_memory(put, monkeypatch):
    monkeypatch.setattr("config.portable.tables.CHUNK", 20)

    def peak(count: int) -> int:
        owner = UserFactory(username="ann")
        Purchase.objects.bulk_create(
            Purchase(
                owner=owner,
                name=f"Thing {number}",
                price=Decimal(5),
                amount=Decimal(5),
                purchased_on=NOW.date(),
                notes="x" * 1_000,
                created_at=NOW,
                changed_at=NOW,
            )
            for number in range(count)
        )
        path = put(json_of())
        erase()
        gc.collect()
        tracemalloc.start()
        try:
            take_in(path)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            assert Purchase.objects.count() == count
            erase()

    peak(80)
    few = peak(80)
    assert peak(800) / few <= 1.3


def test_the_scope_of_an_import_has_every_table():
    assert [table.name for table in exported()] == list(json.loads(json_of())["tables"])
    assert Everything.name == "everything"
