"""Files for tests."""

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

RED, BLUE = (220, 20, 20), (20, 20, 220)
ORIENTATION, ARTIST = 0x0112, 0x013B
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
HTML = b"<!DOCTYPE html><script>document.title = 'run'</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>document.title = 'run'</script></svg>"


def picture(kind: str = "PNG", size: tuple[int, int] = (600, 400), **how: object) -> bytes:
    """Return a picture that is red on its left half and blue on its right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    file = BytesIO()
    image.save(file, kind, **how)
    return file.getvalue()


def turned() -> bytes:
    """Return a picture as a phone writes it: on its side, with who took it."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[ARTIST] = 6, "Somebody Secret"
    return picture("JPEG", exif=exif, quality=95)


def upload(content: bytes = b"A receipt", name: str = "receipt.txt") -> SimpleUploadedFile:
    """Return a file as a browser sends it, which says that it is a picture."""
    return SimpleUploadedFile(name, content, content_type="image/png")
