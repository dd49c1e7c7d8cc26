"""Names that people type: tidied for reading, folded for comparing."""

import re
import unicodedata
from collections.abc import Iterable

_SPACE = re.compile(r"\s+")


def tidy(text: str) -> str:
    """Return `text` without spaces around it, with single ones inside, in one Unicode form."""
    return _SPACE.sub(" ", unicodedata.normalize("NFC", text.replace("\0", "\ufffd"))).strip()


def fold(text: str) -> str:
    """Return `text` as it is compared: regardless of case and of how many spaces it has."""
    return unicodedata.normalize("NFC", tidy(text).casefold())


def tags(*texts: str) -> list[str]:
    """Read tags between commas: "a, b ,a,," are a and b; the first spelling of each stays.

    So no tag has a comma, wherever it comes from.
    """
    return once(part for text in texts for part in text.split(","))


def once(names: Iterable[str]) -> list[str]:
    """Return the names tidied, without blanks, each a single time regardless of case."""
    first: dict[str, str] = {}
    for name in names:
        if key := fold(name):
            first.setdefault(key, tidy(name))
    return list(first.values())
