"""How the text of a file is written: told by its bytes, said to whoever sent it, never silent.

Text is UTF-8 unless its bytes say otherwise. What is neither UTF-8 nor UTF-16 is written with one
byte a letter, and only its words tell in which alphabet: that is a finding that a person can see
and overrule. Bytes that are no letters spoil their own row and no other.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from pathlib import Path

from charset_normalizer import CharsetMatch, from_bytes

from purchases.importing.rows import BadFile

#: What a file may be written in, and how people call it; the first of two that fit alike is taken.
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16 (big-endian)",
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1257": "Windows-1257 (Baltic)",
}

_WESTERN, _CENTRAL = "cp1252", "cp1250"
_NOT_HUNGARIAN = set("àâãåæçèêëìîïðñòôøùýþÿ")
_ONE_BYTE = [name for name in ENCODINGS if name.startswith("cp")]
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_BLOCK = 1 << 20
#: How many bytes of unusual lines are enough to tell an alphabet.
_ENOUGH = 1 << 14
#: What to do about a file that only looks like a table.
AS_CSV = "Save the statement as CSV and send that."
#: What files are by their first bytes; a dot is any byte.
_KINDS = {
    rb"%PDF": f"a PDF document. {AS_CSV}",
    rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|II\*\0|MM\0\*": f"a picture. {AS_CSV}",
    rb"....ftyp(?:hei|hev|mif1|msf1|avif)": f"a picture. {AS_CSV}",
    rb"BM....\0\0\0\0": f"a picture. {AS_CSV}",
    rb"\xd0\xcf\x11\xe0": f"an old Excel workbook. {AS_CSV}",
    rb"\x1f\x8b": "packed (gzip). Unpack it first.",
    rb"SQLite format 3": "a database.",
}
# What is written here stands in no text: all below the space but tabs and ends of lines.
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
_UNREADABLE = re.compile("[\0\ud800-\udfff]")


def spoken(encoding: str) -> str:
    """Return an encoding as people call it."""
    return ENCODINGS.get(encoding, encoding)


def detect(path: Path) -> str:
    """Return how the text of a file is written: a key of ENCODINGS. Raises BadFile."""
    with path.open("rb") as stream:
        start = stream.read(_BLOCK)
    if not start:
        raise BadFile("The file is empty.")
    for mark, kind in _KINDS.items():
        if re.match(mark, start, re.DOTALL):
            raise BadFile(f"The file is {kind}")
    encoding = _marked(start) or _without_mark(start)
    if encoding.startswith("utf-16"):
        if path.stat().st_size % 2:
            raise BadFile("The file is UTF-16 and ends in the middle of a letter.")
        return encoding
    head = start[:_ENOUGH]
    if len(head) - len(head.translate(None, _CONTROLS)) > max(4, len(head) // 20):
        raise BadFile("The file is no text: neither a table nor JSON.")
    return encoding or _by_letters(path)


def opened(path: Path, encoding: str) -> TextIOWrapper:
    """Open a file as text, without its byte order mark and with its line ends as they are.

    A byte that is no letter becomes one that `is_readable` finds.
    """
    stream = path.open("rb")
    try:
        start = stream.read(3)
        mark = next((mark for mark in _MARKS if start.startswith(mark)), b"")
        stream.seek(len(mark) if mark and _MARKS[mark] == encoding else 0)
        errors = "surrogatepass" if encoding.startswith("utf-16") else "surrogateescape"
        return TextIOWrapper(stream, encoding, errors, newline="")
    except BaseException:
        stream.close()
        raise


def is_readable(text: str) -> bool:
    """Tell whether `text` was all letters, and none of it is the NUL that no database can store."""
    return not _UNREADABLE.search(text)


def _marked(start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise BadFile("The file is UTF-32; save it as UTF-8.")
    return next((name for mark, name in _MARKS.items() if start.startswith(mark)), "")


def _without_mark(start: bytes) -> str:
    """Tell UTF-16 by the zeros that stand beside each plain letter; "" for anything else."""
    even, odd = start[:4096:2], start[1:4096:2]
    if odd.count(0) * 2 > len(odd) and even.count(0) * 10 < len(even):
        return "utf-16-le"
    if even.count(0) * 2 > len(even) and odd.count(0) * 10 < len(odd):
        return "utf-16-be"
    return ""


def _by_letters(path: Path) -> str:
    """Tell UTF-8 from one byte a letter by which of them most of the unusual lines could be."""
    unusual, broken = 0, 0
    sample = bytearray()
    for line in _unusual_lines(path):
        unusual += 1
        try:
            line.decode()
        except UnicodeDecodeError:
            broken += 1
            if len(sample) < _ENOUGH:
                sample += line[:_ENOUGH]
    return "utf-8" if broken * 2 <= unusual else _alphabet(bytes(sample))


def _unusual_lines(path: Path) -> Iterator[bytes]:
    """Yield the lines that are not plain ASCII; one that is longer than a block comes in parts."""
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK) + stream.readline(_BLOCK):
            if not block.isascii():
                yield from (line for line in block.split(b"\n") if not line.isascii())


def _alphabet(sample: bytes) -> str:
    """Return which one-byte alphabet gives the likeliest words, Western Europe's when in doubt."""
    found = list(from_bytes(sample, cp_isolation=_ONE_BYTE))
    if not found:
        return _WESTERN
    best = min((match.chaos, -match.coherence) for match in found)
    likeliest = _names(match for match in found if (match.chaos, -match.coherence) == best)
    as_orderly = _names(match for match in found if match.chaos == best[0])
    if likeliest[0] in {_WESTERN, _CENTRAL} and {_WESTERN, _CENTRAL}.issubset(as_orderly):
        return _CENTRAL if _is_central(sample) else likeliest[0]
    return likeliest[0]


def _names(matches: Iterable[CharsetMatch]) -> list[str]:
    fitting = {name for match in matches for name in match.could_be_from_charset}
    return [name for name in _ONE_BYTE if name in fitting]


def _is_central(sample: bytes) -> bool:
    """Tell Central Europe by letters that both alphabets have, and only its languages use often.

    Czech and its neighbours write š and ž. Hungarian has ő and ű where Western Europe has õ and û,
    which stand beside its other vowels in no language there without letters of their own.
    """
    letters = set(sample.decode(_WESTERN, "ignore").lower())
    is_hungarian = letters & set("õû") and letters & set("áíóú") and not letters & _NOT_HUNGARIAN
    return bool(letters & set("šž") or is_hungarian)
