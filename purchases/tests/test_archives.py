"""ZIP archives: whatever is wrong with one is told before anything is taken out of it."""

import hashlib
import io
import stat
import struct
import zipfile
import zlib
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchases.importing import archives
from purchases.importing.archives import Archive, BadPaper
from purchases.importing.rows import BadFile, FileRow
from purchases.models.attachment import MAX_SIZE

PAPER = b"%PDF-1.4 a receipt"
SHA256 = hashlib.sha256(PAPER).hexdigest()
MEMBER = f"files/{SHA256}"


def packed(members):
    """Return an archive of (name or ZipInfo, bytes)."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.fixture
def lay(tmp_path):
    """Return what lays an archive down: its bytes, or its members."""

    def laid(content):
        path = tmp_path / "sent.zip"
        path.write_bytes(content if isinstance(content, bytes) else packed(content))
        return path

    return laid


def member_names(path):
    with Archive(path) as archive:
        return archive.names


def refusal(path):
    with pytest.raises(BadFile) as refused:
        member_names(path)
    return str(refused.value)


def paper(member=MEMBER, sha256=SHA256):
    return FileRow(member=member, sha256=sha256, name="receipt.pdf")


def patched(content, place, values, *, central=True):
    """Return an archive with bytes of its one member's header in the list changed."""
    at = content.index(b"PK\1\2" if central else b"PK\3\4") + place
    return content[:at] + values + content[at + len(values) :]


def test_an_archive_names_its_files_and_not_its_folders(lay):
    path = lay([("data.json", "{}"), ("files/", ""), (MEMBER, PAPER)])
    assert member_names(path) == ("data.json", MEMBER)


def test_what_is_no_archive_is_told_apart_from_one_that_broke_off(lay):
    whole = packed([("data.json", "{}" * 100)])
    assert refusal(lay(b"")) == "The file is empty."
    assert refusal(lay(b"id,name\n1,x\n")) == "The file is not a ZIP archive."
    for length in (4, 30, len(whole) // 2, len(whole) - 1):
        broken = refusal(lay(whole[:length]))
        assert broken == "The archive is damaged or breaks off before its end."


@pytest.mark.parametrize(
    "name",
    ["../x", "files/../../x", "/etc/passwd", "C:/x", "c:x"],
)
def test_a_name_outside_the_archive_is_refused(lay, name):
    told = refusal(lay([("data.json", "{}"), (name, "x")]))
    assert told == f"The archive is not taken: “{name}” names a place outside the archive."


@pytest.mark.parametrize("name", ["a\\b", "a//b", "./a", "a/./b"])
def test_a_name_that_no_file_should_have_is_refused(lay, name):
    assert refusal(lay([(name, "x")])).endswith("has a name that no file should have.")


def test_a_nul_in_a_name_is_refused_though_the_library_cuts_it_off(lay):
    content = packed([("data.jsonXevil", "{}")]).replace(b"jsonXevil", b"json\0evil")
    told = refusal(lay(content))
    assert told == "The archive is not taken: “data.json?evil” has a name that no file should have."


def test_a_second_name_of_a_member_is_judged_too(lay):
    """Info-ZIP lets an extra field name the member anew."""
    info = zipfile.ZipInfo("good.pdf")
    name = b"../evil"
    crc = struct.pack("<L", zlib.crc32(b"good.pdf"))
    info.extra = struct.pack("<HH", 0x7075, 5 + len(name)) + b"\1" + crc + name
    assert "names a place outside the archive" in refusal(lay([(info, b"x")]))


def test_a_link_is_refused(lay):
    info = zipfile.ZipInfo("files/link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refusal(lay([(info, "/etc/passwd")])).endswith("“files/link” is a link, not a file.")


def test_the_same_name_twice_is_refused(lay):
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = lay([("data.json", "{}"), ("data.json", "[]")])
    assert refusal(path) == "The archive is not taken: it has “data.json” twice."


@pytest.mark.parametrize("flag", [0x1, 0x40, 0x2000])
def test_an_encrypted_archive_is_refused(lay, flag):
    content = patched(packed([("data.json", "{}")]), 8, struct.pack("<H", flag))
    assert refusal(lay(content)).endswith("“data.json” is encrypted.")


def test_an_archive_of_a_newer_version_is_refused(lay):
    content = patched(packed([("data.json", "{}")]), 6, struct.pack("<H", 99))
    assert "newer version of ZIP" in refusal(lay(content))


def test_a_packing_that_few_know_is_refused(lay):
    info = zipfile.ZipInfo("data.json")
    info.compress_type = zipfile.ZIP_LZMA
    assert "packed in a way" in refusal(lay([(info, "{}")]))


def test_too_many_members_are_refused(lay, monkeypatch):
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    assert len(member_names(lay([(f"{n}", "x") for n in range(3)]))) == 3
    assert "more than" in refusal(lay([(f"{n}", "x") for n in range(4)]))


def test_a_long_list_of_members_is_not_even_read(lay, monkeypatch):
    assert archives.MOST_MEMBERS == 20_000
    monkeypatch.setattr(archives, "LARGEST_LIST", 1_000)
    told = refusal(lay([("n" * 500, "x"), ("m" * 500, "x")]))
    assert told == "The archive is not taken: it has more than 20,000 members."


def test_a_member_that_is_nothing_but_air_is_refused(lay):
    told = refusal(lay([("data.json", b" " * 2_000_000)]))
    assert told.endswith("“data.json” is over 200 times larger than it is packed.")


def test_much_air_in_small_members_is_refused_as_well(lay):
    told = refusal(lay([(f"{n}", b" " * 900_000) for n in range(3)]))
    assert told == "The archive is not taken: it is over 200 times larger than it is packed."


def test_more_than_may_be_unpacked_is_refused(lay, monkeypatch):
    monkeypatch.setattr(archives, "MOST_BYTES", 1_000)
    assert member_names(lay([("a", b"x" * 500), ("b", b"x" * 500)])) == ("a", "b")
    assert "unpacked it has over" in refusal(lay([("a", b"x" * 500), ("b", b"x" * 501)]))


def test_a_member_that_unpacks_to_more_than_it_says_is_damaged(lay):
    content = packed([("a", b"x" * 5_000)])
    for central in (True, False):
        place = 24 if central else 22
        content = patched(content, place, struct.pack("<L", 10), central=central)
    with Archive(lay(content)) as archive:
        assert archive.fault(paper(member="a")) == "is damaged in the archive"


def test_members_that_lie_in_each_other_are_damaged(lay):
    content = packed([("a", b"first" * 100), ("b", b"second" * 100)])
    second = content.rindex(b"PK\1\2")
    content = content[: second + 42] + struct.pack("<L", 0) + content[second + 46 :]
    with Archive(lay(content)) as archive:
        assert archive.fault(paper(member="b")) == "is damaged in the archive"


def test_a_paper_is_copied_and_known_by_its_hash(lay):
    path = lay([(MEMBER, PAPER)])
    target = io.BytesIO()
    with Archive(path) as archive:
        assert archive.fault(paper()) == ""
        assert archive.copy(paper(), target) == len(PAPER)
    assert target.getvalue() == PAPER
    with Archive(path) as archive, archive.opened(MEMBER) as stream:
        assert stream.read(5) == b"%PDF-"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (paper(sha256="0" * 64), "is not what it was: its SHA-256 is another"),
        (paper(sha256="x"), "has no SHA-256 to be known by"),
        (paper(member="files/other"), "is not in the archive"),
        (paper(member="../../../settings.py"), "is not in the archive"),
        (paper(member="empty"), "is empty"),
        (paper(member="files/"), "is not in the archive"),
    ],
)
def test_a_paper_that_cannot_be_had_says_why(lay, wrong, why):
    with Archive(lay([(MEMBER, PAPER), ("empty", ""), ("files/", "")])) as archive:
        assert archive.fault(wrong) == why
        with pytest.raises(BadPaper):
            archive.copy(wrong, io.BytesIO())


def test_one_flipped_byte_spoils_its_paper_alone(lay):
    other = b"another paper"
    content = packed([(MEMBER, PAPER), ("other", other)])
    at = content.index(MEMBER.encode()) + len(MEMBER) + 5
    content = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    with Archive(lay(content)) as archive:
        assert archive.fault(paper())
        sound = FileRow(member="other", sha256=hashlib.sha256(other).hexdigest(), name="other.pdf")
        assert archive.fault(sound) == ""


def test_a_paper_is_not_larger_than_one_that_is_uploaded(lay, monkeypatch):
    assert archives.LARGEST_PAPER == MAX_SIZE
    noise = Random(5).randbytes(MAX_SIZE + 1)
    path = lay([("just", noise[:-1]), ("over", noise)])
    with Archive(path) as archive:
        with archive.opened("just") as stream:
            assert len(stream.read()) == MAX_SIZE
        with pytest.raises(BadPaper, match="is larger than 10 MB"), archive.opened("over"):
            pass


def test_a_paper_that_many_rows_name_is_read_once(lay):
    with Archive(lay([(MEMBER, PAPER)])) as archive:
        assert archive.fault(paper()) == ""
        archive._zip.close()
        assert archive.fault(paper()) == ""


SMALL = packed([("data.json", b'{"a": [1, 2, 3]}' * 20), (MEMBER, PAPER)])


@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(SMALL) - 1), st.integers(0, 255)), min_size=1, max_size=6
    ),
    cut=st.integers(0, 40),
)
def test_whatever_happens_to_its_bytes_an_archive_is_read_or_refused(
    tmp_path_factory, changes, cut
):
    content = bytearray(SMALL)
    for place, value in changes:
        content[place] = value
    path = tmp_path_factory.getbasetemp() / "changed.zip"
    path.write_bytes(content[: len(content) - cut])
    with suppress(BadFile), Archive(path) as archive:
        for name in archive.names:
            archive.fault(paper(member=name))
