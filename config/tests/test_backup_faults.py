"""A backup that is not whole, or not for here, is refused by name before anything is changed."""

import json
import sqlite3
import stat
import struct
import zipfile

import pytest
from django.db import connection

from budgets import ledger
from config import backups
from config.backups import BadBackup
from config.backups.refusals import in_words
from config.tests import copies
from config.tests.copies import NOW, pack, repacked
from purchases.models import Blob

pytestmark = pytest.mark.django_db


@pytest.fixture
def whole(settings, tmp_path):
    shelf = copies.settle(settings, tmp_path)
    copies.furnish()
    return shelf / backups.make(now=NOW).name


@pytest.fixture
def contents(whole):
    return copies.members(whole)


@pytest.fixture
def refused(whole):
    """Return what tells why a file is refused; it changes nothing, whoever asks."""

    def why(path) -> str:
        before = copies.state()
        with pytest.raises(BadBackup) as reason:
            backups.verify(path)
        with pytest.raises(BadBackup) as again:
            backups.restore(path, now=NOW)
        assert str(again.value) == str(reason.value)
        assert copies.state() == before
        assert [one.name for one in backups.listed()] == [whole.name]
        return str(reason.value)

    return why


def blob_in(contents):
    return next(name for name in contents if name.startswith("files/"))


def with_member(path, info, content=b"x", **how):
    """Add a member that the manifest does not know."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, content, **how)
    return path


class TestTheFile:
    def test_an_empty_one(self, tmp_path, refused):
        path = tmp_path / "empty.zip"
        path.touch()
        assert refused(path) == "This is no backup: the file is empty."

    def test_one_that_is_no_zip(self, tmp_path, refused):
        path = tmp_path / "text.zip"
        path.write_text("Dear diary")
        assert refused(path) == "This is no backup: it is no ZIP archive."

    @pytest.mark.parametrize("left", [0.1, 0.5, 0.9, 0.999])
    def test_a_truncated_one(self, whole, tmp_path, refused, left):
        content = whole.read_bytes()
        path = tmp_path / "short.zip"
        path.write_bytes(content[: int(len(content) * left)])
        assert refused(path).startswith("The archive is cut off or damaged")

    def test_one_that_is_not_there(self, tmp_path, refused):
        assert refused(tmp_path / "none.zip") == "There is no file none.zip."

    @pytest.mark.parametrize("name", ["none.zip", "../../etc/passwd", "restore.lock", ""])
    def test_a_name_that_no_backup_has(self, refused, name):
        assert refused(name) == "There is no backup of this name."


class TestMembers:
    def test_an_encrypted_one(self, whole, refused):
        assert refused(copies.with_flag(whole, 1)).endswith("is encrypted; backups are not.")

    def test_no_manifest(self, whole, contents, refused):
        del contents[copies.MANIFEST]
        path = pack(whole.with_name("other.zip"), contents)
        assert refused(path) == "This is no backup: it has no manifest.json."

    def test_a_missing_one(self, whole, contents, refused):
        gone = blob_in(contents)
        del contents[gone]
        path = pack(whole.with_name("other.zip"), contents)
        assert refused(path) == f"“{gone}” is missing from the archive."

    def test_one_too_many(self, whole, refused):
        path = with_member(whole, "files/note.txt")
        assert refused(path) == "“files/note.txt” does not belong in the archive."

    @pytest.mark.parametrize(
        "name", ["../x", "files/../../x", "/etc/x", "C:/x", "files\\..\\x", "..", ""]
    )
    def test_a_place_outside(self, whole, refused, name):
        info = zipfile.ZipInfo("x")
        info.filename = name  # as another program may write it
        path = with_member(whole, info)
        assert refused(path) == f"“{name}” would be unpacked outside of its folder."

    def test_a_link(self, whole, refused):
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        path = with_member(whole, info, b"/etc/passwd")
        assert refused(path) == "“link” is a link or a folder, and no file."

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_one_that_is_there_twice(self, whole, contents, refused):
        name = blob_in(contents)
        assert refused(with_member(whole, name)) == f"“{name}” is in the archive twice."

    def test_one_that_unpacks_to_far_more(self, whole, refused):
        with_member(whole, "bomb", bytes(70 * 1024 * 1024), compress_type=zipfile.ZIP_DEFLATED)
        assert refused(whole) == "“bomb” would unpack to far more than any backup holds."

    def test_one_that_says_it_is_smaller_than_it_is(self, whole, contents, refused):
        name = blob_in(contents)
        content = bytearray(whole.read_bytes())
        start = content.rindex(name.encode()) - 46  # the list of contents comes last
        assert content[start : start + 4] == b"PK\x01\x02"
        struct.pack_into("<II", content, start + 20, 1, 1)
        whole.write_bytes(content)
        assert refused(whole).startswith(f"“{name}” is damaged")

    def test_one_packed_in_another_way(self, whole, contents, refused):
        path = whole.with_name("other.zip")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
            for name, content in contents.items():
                archive.writestr(name, content)
        assert refused(path).endswith("is packed in a way that backups are not.")

    def test_one_flipped_byte_of_a_paper(self, whole, contents, refused):
        name = blob_in(contents)
        content = whole.read_bytes()
        at = content.index(contents[name]) + 3
        whole.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert refused(whole) == f"“{name}” is damaged: it cannot be unpacked."

    def test_other_bytes_with_the_same_size_and_a_right_checksum(self, whole, contents, refused):
        name = blob_in(contents)
        contents[name] = b"X" * len(contents[name])
        path = pack(whole.with_name("other.zip"), contents)
        assert refused(path) == f"“{name}” is damaged: it is not what the manifest says."

    def test_another_size_than_the_manifest_says(self, whole, contents, refused):
        name = blob_in(contents)
        contents[name] += b"X"
        path = pack(whole.with_name("other.zip"), contents)
        assert refused(path).startswith(f"“{name}” is damaged: it has not the size")


def test_any_flipped_byte_is_refused_or_changes_nothing(whole, tmp_path):
    """Some bytes say nothing that is read, such as the time of day of a member."""
    content, path = whole.read_bytes(), tmp_path / "flipped.zip"
    before, refusals = copies.members(whole), 0
    for at in range(0, len(content), len(content) // 150):
        path.write_bytes(content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :])
        try:
            backups.verify(path)
        except BadBackup:
            refusals += 1
        else:
            assert copies.members(path) == before
    assert refusals > 100


class TestWhatItSays:
    @pytest.fixture
    def altered(self, whole):
        """Return a backup that is altered, with sizes and hashes that fit."""
        return lambda alter: repacked(whole, alter)

    def says(self, altered, **other):
        return altered(lambda contents, manifest: manifest.update(other))

    def test_a_newer_version(self, altered, refused):
        assert refused(self.says(altered, version=2)) == (
            "This backup has version 2 of the format, and this installation understands version 1."
            " Restore it with a newer Pursestrings."
        )

    @pytest.mark.parametrize("version", [0, -1, "1", None, True, 1.0])
    def test_no_version(self, altered, refused, version):
        reason = refused(self.says(altered, version=version))
        assert reason == "manifest.json is damaged: it names no version of the format."

    def test_another_format(self, altered, refused):
        reason = refused(self.says(altered, format="spends-tracker"))
        assert reason == "This is no backup: it says that it is of another format."

    def test_another_currency(self, altered, refused):
        assert refused(self.says(altered, base_currency="EUR")) == (
            "This backup counts in EUR, and this installation in USD."
            " Set CURRENCY to EUR to restore it."
        )

    def test_a_newer_migration(self, altered, refused):
        def alter(contents, manifest):
            manifest["migrations"].append("purchases.0099_more")

        reason = refused(altered(alter))
        assert reason.startswith("This backup was made by a newer version: it has purchases.0099_")
        assert "this installation ends at purchases.00" in reason

    def test_a_manifest_of_the_time_before_drifts_were_counted(self, altered):
        path = altered(lambda contents, manifest: manifest.pop("drifts"))
        assert backups.verify(path).drifts == 0

    def test_a_moment_before_the_first_year(self, altered, refused):
        reason = refused(self.says(altered, made_at="0001-01-01T00:00:00+23:59"))
        assert reason == "manifest.json is damaged: something is missing from it."

    def test_an_older_migration(self, altered, refused):
        def alter(contents, manifest):
            own = [one for one in manifest["migrations"] if one.startswith("purchases.")]
            manifest["migrations"].remove(max(own))

        reason = refused(altered(alter))
        assert reason.startswith("This backup was made by an older version: it ends at purchases.")
        assert "this installation has purchases." in reason

    @pytest.mark.parametrize(
        "key", ["made_at", "kind", "base_currency", "database", "migrations", "counts", "members"]
    )
    @pytest.mark.parametrize("value", [None, 1, [1], {"x": "y"}])
    def test_anything_else_than_it_should(self, whole, contents, key, value, tmp_path):
        manifest = json.loads(contents[copies.MANIFEST]) | {key: value}
        contents[copies.MANIFEST] = json.dumps(manifest).encode()
        with pytest.raises(BadBackup):
            backups.verify(pack(tmp_path / "other.zip", contents))

    @pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
    def test_a_manifest_that_is_none(self, whole, contents, text, tmp_path):
        contents[copies.MANIFEST] = text
        with pytest.raises(BadBackup, match=r"manifest\.json is damaged|no backup"):
            backups.verify(pack(tmp_path / "other.zip", contents))

    def test_a_count_that_is_not_so(self, altered, refused):
        def alter(contents, manifest):
            manifest["counts"]["people.User"] = 5

        reason = refused(altered(alter))
        assert reason == "“tables/people.User.jsonl” has 2 rows, and the manifest says 5."

    def test_a_table_that_is_not_there(self, altered, refused):
        def alter(contents, manifest):
            for found in (contents, manifest["members"]):
                del found["tables/people.User.jsonl"]

        assert refused(altered(alter)) == (
            "“tables/people.User.jsonl” is missing from the archive."
        )

    def test_a_table_of_which_nobody_knows(self, altered, refused):
        def alter(contents, manifest):
            manifest["counts"]["people.Pet"] = 0
            contents["tables/people.Pet.jsonl"] = b""

        assert refused(altered(alter)) == "No table here is called people.Pet."


class TestRows:
    @pytest.fixture
    def rewritten(self, whole):
        """Return a backup in which one table has other rows."""

        def rewrite(table, *rows, edit=None):
            def alter(contents, manifest):
                member = f"tables/{table}.jsonl"
                old = [json.loads(line) for line in contents[member].splitlines()]
                new = [edit(row) for row in old] if edit else rows
                lines = [row if isinstance(row, str) else json.dumps(row) for row in new]
                contents[member] = "".join(f"{line}\n" for line in lines).encode()
                manifest["counts"][table] = len(new)

            return repacked(whole, alter)

        return rewrite

    @pytest.mark.parametrize("line", ["{", '"x"', "[" * 100_000, ""])
    def test_a_line_that_is_no_row(self, rewritten, refused, line):
        reason = refused(rewritten("purchases.Tag", line))
        assert reason.startswith("Row 1 of “tables/purchases.Tag.jsonl” ")

    def test_a_row_that_does_not_fit(self, rewritten, refused):
        reason = refused(rewritten("purchases.Purchase", edit=lambda row: row | {"price": "much"}))
        assert reason.startswith("Row 1 of “tables/purchases.Purchase.jsonl” does not fit:")

    def test_a_row_with_another_column(self, rewritten, refused):
        reason = refused(rewritten("purchases.Tag", {"id": 1, "colour": "red"}))
        assert "the columns differ" in reason

    def test_two_rows_of_one_key(self, rewritten, refused):
        tag = {"id": 7, "name": "a", "key": "a"}
        reason = refused(rewritten("purchases.Tag", tag, tag | {"name": "b", "key": "b"}))
        assert reason == "Two rows of purchases.Tag have the same key."

    def test_a_row_that_points_at_none(self, rewritten, refused):
        reason = refused(rewritten("people.Person"))
        assert reason == (
            "A row of occasions.Gift_recipients points at people.Person"
            f" {self.key('people_person')}, which is not in the backup."
        )

    def key(self, table):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM {table}")
            return cursor.fetchone()[0]

    def test_a_paper_that_the_archive_does_not_have(self, whole, refused):
        def alter(contents, manifest):
            name = blob_in(contents)
            del contents[name], manifest["members"][name]

        reason = refused(repacked(whole, alter))
        assert reason.endswith("is missing from the archive: a row needs it.")

    def test_a_file_that_no_row_needs(self, whole, refused):
        def alter(contents, manifest):
            contents["photos/nobody.webp"] = b"x"

        assert refused(repacked(whole, alter)) == (
            "“photos/nobody.webp” does not belong in the archive: no row needs it."
        )

    def test_other_bytes_under_the_name_of_a_paper(self, whole, refused):
        def alter(contents, manifest):
            contents[blob_in(contents)] = b"other"

        assert refused(repacked(whole, alter)).endswith("is not the file that its row means.")

    @pytest.mark.parametrize("photo", ["../x.webp", "/x.webp", "people/../../x.webp"])
    def test_a_photo_somewhere_else(self, rewritten, whole, photo):
        with pytest.raises(BadBackup):
            backups.verify(rewritten("people.Person", edit=lambda row: row | {"photo": photo}))

    @pytest.mark.parametrize(
        ("table", "field"), [("people.Person", "photo"), ("purchases.ImportBatch", "path")]
    )
    @pytest.mark.parametrize("path", ["db.sqlite3", f"purchases/ab/cd/{'a' * 64}", "people/.x"])
    def test_a_file_of_ours_that_is_of_another_kind(self, rewritten, refused, table, field, path):
        reason = refused(rewritten(table, edit=lambda row: row | {field: path}))
        assert reason == f"“{path}” of {table} is no place for a file of ours."

    @pytest.mark.parametrize("key", [2**63, 2**70])
    def test_a_key_that_no_database_has(self, rewritten, refused, key):
        reason = refused(rewritten("purchases.Tag", {"id": key, "name": "a", "key": "a"}))
        assert reason.endswith(f"id: {key} is beyond what fits here.")

    def test_half_a_character(self, rewritten, refused):
        reason = refused(rewritten("purchases.Tag", {"id": 7, "name": "\ud800", "key": "a"}))
        assert reason.endswith("name: This has half a character.")


def test_a_row_of_which_only_the_database_knows_better_changes_nothing(whole):
    """Its restore fails in the one transaction, after the restore point."""

    def alter(contents, manifest):
        member = "tables/purchases.Purchase.jsonl"
        rows = [json.loads(line) for line in contents[member].splitlines()]
        rows[0]["quantity"] = 0
        contents[member] = "".join(f"{json.dumps(row)}\n" for row in rows).encode()

    path = repacked(whole, alter)
    before = copies.state()
    with pytest.raises(backups.RestoreFailed, match=r"^Nothing was changed\."):
        backups.restore(path, now=copies.LATER)
    assert copies.state() == before
    assert [one.name for one in backups.listed()] == [whole.name]


def test_a_ledger_that_does_not_agree_with_itself_comes_back_as_it_was(whole):
    def alter(contents, manifest):
        member = "tables/budgets.Cycle.jsonl"
        rows = [json.loads(line) for line in contents[member].splitlines()]
        rows[0]["spent"] = "12345.67"
        contents[member] = "".join(f"{json.dumps(row)}\n" for row in rows).encode()

    assert backups.restore(repacked(whole, alter), now=copies.LATER).drifts == 1
    assert [drift.stored for drift in ledger.check()] == ["12345.670000"]


def test_files_that_a_failed_restore_laid_down_are_gone_again(whole):
    copies.change()  # one paper goes
    before = copies.state()
    assert Blob.objects.count() == 2

    def alter(contents, manifest):
        member = "tables/purchases.Purchase.jsonl"
        rows = [json.loads(line) for line in contents[member].splitlines()]
        contents[member] = "".join(
            f"{json.dumps(row | {'quantity': 0})}\n" for row in rows
        ).encode()

    with pytest.raises(backups.RestoreFailed):
        backups.restore(repacked(whole, alter), now=copies.LATER)
    assert copies.state() == before


def test_no_room_to_note_the_keys(whole, monkeypatch):
    """They are noted in a file, which has no room for them either."""
    connect = sqlite3.connect

    def small(*how):
        database = connect(*how)
        database.execute("PRAGMA max_page_count = 4")
        return database

    monkeypatch.setattr(sqlite3, "connect", small)
    with pytest.raises(OSError, match="full") as refused:
        backups.verify(whole)
    assert in_words(refused.value) == "There is no room left on the disk."
