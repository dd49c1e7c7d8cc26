"""Photos of people: a picture is cut to a small square, and nothing that it carried comes along."""

from io import BytesIO
from secrets import token_hex
from typing import IO

from django.core.files.base import ContentFile, File
from PIL import Image, ImageOps

from people.models import Person

#: The sides of a stored photo, in pixels.
SIDE = 320
#: The largest file that is looked at: 10 MiB.
MOST_BYTES = 10 * 1024 * 1024
#: The largest picture that is unpacked; a small file may hold one that fills the memory.
MOST_PIXELS = 64_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


class BadPhoto(Exception):
    """The file is no picture that can be used; the words say why."""


def squared(upload: IO[bytes]) -> ContentFile[bytes]:
    """Return the middle of a picture as a square WebP under a name of its own. Raises BadPhoto."""
    try:
        picture = _opened(upload)
        # A JPEG is unpacked no larger than needed.
        picture.draft("RGB", (2 * SIDE, 2 * SIDE))
        ImageOps.exif_transpose(picture, in_place=True)
        mode = "RGBA" if picture.has_transparency_data else "RGB"
        upright = picture if picture.mode == mode else picture.convert(mode)
        small = ImageOps.fit(upright, (SIDE, SIDE), method=Image.Resampling.LANCZOS)
        packed = BytesIO()
        small.save(packed, "WEBP", quality=82)
    except BadPhoto:
        raise
    except Exception as broken:  # a damaged file breaks Pillow's decoders in many ways
        raise BadPhoto("This picture is damaged. Choose another.") from broken
    return ContentFile(packed.getvalue(), name=f"{token_hex(16)}.webp")


def picture_of(person: Person) -> File[bytes] | None:
    """Return the photo of somebody, opened; None when there is none or its file is lost."""
    try:
        return person.photo.open("rb")
    except (ValueError, FileNotFoundError):
        return None


def _opened(upload: IO[bytes]) -> Image.Image:
    """Read what kind of picture it is and how large, but not yet the picture."""
    try:
        picture = Image.open(upload, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadPhoto("This picture is too large. Choose a smaller one.") from None
    except (OSError, SyntaxError, ValueError):
        raise BadPhoto("Choose a JPEG, PNG, WebP or GIF picture.") from None
    if picture.width * picture.height > MOST_PIXELS:
        raise BadPhoto("This picture is too large. Choose a smaller one.")
    return picture
