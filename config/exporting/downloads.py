"""What is a member's own, as a file to be handed out."""

from collections.abc import Iterator
from datetime import datetime

from django.http import FileResponse

from config.exporting.archives import archive
from config.exporting.documents import document
from config.exporting.scopes import Member
from config.portable.outputs import spooled
from occasions.access import viewer_of
from occasions.models import Viewer
from people.models import User


def json_of(user: User, *, now: datetime) -> FileResponse:
    """Return what is `user`'s own as JSON. Raises OSError."""
    viewer = viewer_of(user, now=now)
    pieces = (text.encode() for text in document(Member(viewer), now=now))
    return _download(viewer, pieces, "json", "application/json")


def zip_of(user: User, *, now: datetime) -> FileResponse:
    """Return what is `user`'s own, papers and photos too, as ZIP. Raises OSError."""
    viewer = viewer_of(user, now=now)
    return _download(viewer, archive(Member(viewer), now=now), "zip", "application/zip")


def _download(
    viewer: Viewer, pieces: Iterator[bytes], ending: str, content_type: str
) -> FileResponse:
    return FileResponse(
        # All of it before the first byte is sent: the moment that is read must end with the
        # reading, and not when the slowest line has taken everything.
        spooled(pieces),
        as_attachment=True,
        filename=f"pursestrings-{viewer.user.username}-{viewer.today}.{ending}",
        content_type=content_type,
        headers={"Cache-Control": "private, no-store"},
    )
