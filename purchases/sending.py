"""How the bytes of a paper leave: under its own name, and unable to run anything."""

from django.http import FileResponse

from purchases import contents, files
from purchases.models import Attachment

#: A file is asked for again each time, so that who may not see it any more does not.
CACHE = "private, no-cache"
#: Nothing in a file may run or load anything.
ALONE = "default-src 'none'; frame-ancestors 'none'; sandbox"
#: In a sandbox Safari shows no PDF; the viewer of Chrome styles its own page.
ALONE_PDF = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
)


def handed_out(paper: Attachment, *, as_attachment: bool) -> FileResponse:
    """Return the answer that carries a file. Raises FileNotFoundError when its bytes are lost."""
    file = files.opened(paper.blob)
    shows_pdf = paper.blob.content_type == contents.PDF and not as_attachment
    return FileResponse(
        file,
        as_attachment=as_attachment,
        filename=paper.name,
        content_type=paper.blob.content_type,
        headers={
            "Cache-Control": CACHE,
            "Content-Security-Policy": ALONE_PDF if shows_pdf else ALONE,
        },
    )
