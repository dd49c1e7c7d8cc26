"""Papers of the demo's purchases: receipts drawn as pictures, and small documents as PDF."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFont

from budgets.formats import day
from purchases.formats import in_currency
from purchases.models import Attachment, Purchase

_Kind = Attachment.Kind
_PAPER, _INK, _FAINT = 250, 40, 170


def receipt(purchase: Purchase) -> bytes:
    """Draw the slip of a till."""
    total = in_currency(purchase.price, purchase.currency)
    lines = [
        str(purchase.retailer or "Receipt"),
        "Thank you for your visit",
        "",
        day(purchase.purchased_on),
        f"{purchase.quantity} × {purchase.name}",
        "",
        f"Total  {total}",
        "Paid by card",
    ]
    return _picture(420, 560, lines)


def label(purchase: Purchase) -> bytes:
    """Draw the plate with the numbers of a machine."""
    lines = [
        str(purchase.brand or purchase.name),
        f"Model {purchase.model_number}",
        f"Serial no. {purchase.serial_number}",
    ]
    return _picture(480, 260, lines)


def _picture(width: int, height: int, lines: list[str]) -> bytes:
    picture = Image.new("L", (width, height), _PAPER)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((6, 6, width - 7, height - 7), outline=_FAINT)
    for number, line in enumerate(lines):
        font = ImageFont.load_default(28 if number == 0 else 20)
        pen.text((32, 36 + 48 * number), line, fill=_INK, font=font)
    drawn = BytesIO()
    picture.save(drawn, "PNG", optimize=True)
    return drawn.getvalue()


def invoice(purchase: Purchase) -> bytes:
    total = in_currency(purchase.price, purchase.currency)
    return _document(
        [
            f"Invoice {purchase.order_number}",
            str(purchase.retailer or ""),
            day(purchase.purchased_on),
            f"{purchase.quantity} × {purchase.name}",
            f"Total {total}",
        ]
    )


def certificate(purchase: Purchase) -> bytes:
    return _document(
        [
            "Warranty certificate",
            f"{purchase.name}, model {purchase.model_number}",
            f"Serial number {purchase.serial_number}",
            f"Bought on {day(purchase.purchased_on)}",
        ]
    )


def manual(purchase: Purchase) -> bytes:
    """Return the same leaflet whatever was bought: its bytes are stored once."""
    return _document(["Before you begin", "Keep this leaflet.", "Do not put it into water."])


def _document(lines: list[str]) -> bytes:
    """Return a PDF of one page, with its table of where each object begins."""
    shown = b"\n".join(b"(%s) Tj T*" % _escaped(line) for line in lines)
    text = b"BT /F1 16 Tf 28 TL 72 770 Td\n%s\nET" % shown
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    file = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return file + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(file))
    )


def _escaped(line: str) -> bytes:
    """Return a line as a PDF keeps it: what Helvetica cannot write is a question mark."""
    plain = line.encode("cp1252", "replace")
    return plain.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


@dataclass(frozen=True)
class Drawing:
    """One sort of paper: what it is filed as, the ending of its name, and what makes it."""

    kind: Attachment.Kind
    ending: str
    make: Callable[[Purchase], bytes]


#: By the names that the things have for their papers.
DRAWINGS: Mapping[str, Drawing] = {
    "receipt": Drawing(_Kind.RECEIPT, ".png", receipt),
    "label": Drawing(_Kind.PHOTO, ".png", label),
    "invoice": Drawing(_Kind.RECEIPT, ".pdf", invoice),
    "certificate": Drawing(_Kind.WARRANTY, ".pdf", certificate),
    "manual": Drawing(_Kind.MANUAL, ".pdf", manual),
}


def paper(name: str, purchase: Purchase) -> ContentFile[bytes]:
    """Return a paper of a purchase as the file that somebody would upload."""
    drawing = DRAWINGS[name]
    return ContentFile(drawing.make(purchase), f"{purchase.name} {name}{drawing.ending}")
