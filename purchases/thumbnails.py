"""Small pictures of attached images; nothing that the image carried comes along."""

from io import BytesIO
from typing import IO

from PIL import Image, ImageOps

from purchases.contents import opened_picture

#: The longer side of a small picture, in pixels.
SIDE = 320
#: The largest picture that is unpacked as a whole, which takes up to 16 bytes for each pixel.
MOST_UNPACKED = 16_000_000


class NoPicture(Exception):
    """The file is no picture, or a broken one."""


def thumbnail(file: IO[bytes]) -> bytes:
    """Return a small upright WebP of a picture. Raises NoPicture."""
    try:
        picture = _drafted(file)
        ImageOps.exif_transpose(picture, in_place=True)
        mode = "RGBA" if picture.has_transparency_data else "RGB"
        upright = picture if picture.mode == mode else picture.convert(mode)
        upright.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        packed = BytesIO()
        upright.save(packed, "WEBP", quality=80, exif=b"", xmp=b"", icc_profile=b"")
    except Exception as broken:  # a damaged file breaks Pillow's decoders in many ways
        raise NoPicture from broken
    return packed.getvalue()


def _drafted(file: IO[bytes]) -> Image.Image:
    """Return a picture that is unpacked no larger than needed, as far as its kind allows."""
    picture = opened_picture(file)
    is_whole = picture.format != "JPEG" or "progressive" in picture.info
    if is_whole and picture.width * picture.height > MOST_UNPACKED:
        raise ValueError("too many pixels")
    picture.draft("RGB", (2 * SIDE, 2 * SIDE))
    return picture
