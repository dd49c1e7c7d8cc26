"""Why a file is not taken in."""


class BadExport(Exception):
    """A file that cannot be taken in here; the sentence says why. Nothing was changed."""
