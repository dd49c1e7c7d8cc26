"""Searching text the way people mean it."""

import re

from django.db.models import Q

#: The longest text that is searched for; what is longer is cut.
LONGEST = 100


def matching(text: str, *fields: str) -> Q:
    """Return what holds every word of `text` in one of the `fields`, whatever the case.

    Letters beyond ASCII count too, on both databases, and signs such as % and _ mean themselves.
    """
    found = Q()
    # PostgreSQL has no NUL in its texts: asking for one would be an error.
    for word in text[:LONGEST].replace("\0", "\N{REPLACEMENT CHARACTER}").split():
        anywhere = Q()
        for field in fields:
            # SQLite's LIKE folds ASCII alone; its REGEXP is Python's, which folds everything.
            anywhere |= Q(**{f"{field}__iregex": re.escape(word)})
        found &= anywhere
    return found
