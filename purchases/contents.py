"""What a file is: its bytes say, neither its name nor the browser that sent it is believed.

Only what a browser can show without running anything is ever shown; the rest is handed out to be
saved.
"""

import re
import unicodedata
from pathlib import Path
from typing import IO

from PIL import Image

PDF, TEXT, UNKNOWN = "application/pdf", "text/plain", "application/octet-stream"
PICTURES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}
#: What a browser may show by itself.
SHOWN = {PDF, *PICTURES.values()}
#: The largest picture that is unpacked; a small file may hold one that fills the memory.
MOST_PIXELS = 64_000_000
LONGEST_NAME = 255
_PIECE = 256 * 1024
#: Characters that turn the writing around, so that a name ends differently from how it reads.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNPRINTED = {"Cc", "Cs", "Zl", "Zp"}


def safe_name(name: str) -> str:
    """Return the last part of a name, without what no name should have, its ending kept."""
    last = re.split(r"[/\\]", _TURNING.sub("", name))[-1]
    shown = "".join(char for char in last if unicodedata.category(char) not in _UNPRINTED)
    plain = " ".join(shown.split())
    if not plain.strip("."):
        return "file"
    if len(plain) <= LONGEST_NAME:
        return plain
    ending = Path(plain).suffix[:20]
    return plain[: LONGEST_NAME - len(ending)] + ending


def content_type(path: Path) -> str:
    """Return what the bytes are, of the few kinds that matter here."""
    with path.open("rb") as file:
        if file.read(5) == b"%PDF-":
            return PDF
        try:
            picture = opened_picture(file)
            picture.verify()
        except Exception:  # noqa: BLE001  (what is no picture breaks Pillow in many ways)
            return TEXT if _is_text(path) else UNKNOWN
        return PICTURES[str(picture.format)]


def opened_picture(file: IO[bytes]) -> Image.Image:
    """Read what kind of picture it is and how large, not the picture; raises when it is none."""
    picture = Image.open(file, formats=tuple(PICTURES))
    if picture.width * picture.height > MOST_PIXELS:
        raise ValueError("too many pixels")
    return picture


def _is_text(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            return all("\0" not in piece for piece in iter(lambda: file.read(_PIECE), ""))
    except UnicodeDecodeError:
        return False
