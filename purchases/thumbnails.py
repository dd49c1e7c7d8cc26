"""Small pictures of attached images; nothing that the image carried comes along."""

from io import BytesIO
from typing import IO

from PIL import Image, ImageOps

from purchases.contents import opened_picture

#: The longer side of a small picture, in pixels.
SIDE = 320


class NoPicture(Exception):
    """The file is no picture, or a broken one."""


def thumbnail(file: IO[bytes]) -> bytes:
    """Return a small upright WebP of a picture. Raises NoPicture."""
    try:
        picture = opened_picture(file)
        # A JPEG is unpacked no larger than needed.
        picture.draft("RGB", (2 * SIDE, 2 * SIDE))
        ImageOps.exif_transpose(picture, in_place=True)
        mode = "RGBA" if picture.has_transparency_data else "RGB"
        upright = picture if picture.mode == mode else picture.convert(mode)
        upright.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        packed = BytesIO()
        upright.save(packed, "WEBP", quality=80, exif=b"", xmp=b"", icc_profile=b"")
    except Exception as broken:  # a damaged file breaks Pillow's decoders in many ways
        raise NoPicture from broken
    return packed.getvalue()
