"""The console's pages of purchases and what hangs on them, names, calendars and imports.

Administrators see what is private, and of what is a surprise to them nothing: no list, search,
filter, choice, confirmation or address tells of it. Nothing here writes a row: everything goes
through `purchases.keeping`.

What the pages remember of a member is not here: there is nothing in it to repair, and an undo step
holds what purchases were like, surprises among them.
"""

from purchases.admin import calendars, imports, names, papers, postings, purchases, warranties

__all__ = ["calendars", "imports", "names", "papers", "postings", "purchases", "warranties"]
