"""The verbs: the only writers of purchases, warranties, papers, retailers, brands and tags.

Each holds its own transaction and is safe beside itself. None asks who may do it: that is
`purchases.access`. Locks are taken in this order: purchase, name, occasion, gift,
blob, budget, cycle.
"""

from purchases.keeping.attaching import (
    attach,
    change_attachment,
    detach,
    drop_stale,
    stage,
    stage_all,
)
from purchases.keeping.bulk import Edit, Undone, UndoneBefore, change_many, trash_many, undo
from purchases.keeping.calendars import make_feed, open_feed, revoke_feed
from purchases.keeping.guarding import add_warranty, change_warranty, guard, remove_warranty
from purchases.keeping.names import InUse, add_name, hold_name, merge, remove, rename
from purchases.keeping.preferences import choose_columns, hide_cards
from purchases.keeping.recording import Conflict, change, record
from purchases.keeping.recording_many import Draft, judge, record_many
from purchases.keeping.search import refresh_search
from purchases.keeping.storing import keep_thumbnail
from purchases.keeping.taking_back import Left, take_back
from purchases.keeping.trashing import empty_trash, restore, trash

__all__ = [
    "Conflict",
    "Draft",
    "Edit",
    "InUse",
    "Left",
    "Undone",
    "UndoneBefore",
    "add_name",
    "add_warranty",
    "attach",
    "change",
    "change_attachment",
    "change_many",
    "change_warranty",
    "choose_columns",
    "detach",
    "drop_stale",
    "empty_trash",
    "guard",
    "hide_cards",
    "hold_name",
    "judge",
    "keep_thumbnail",
    "make_feed",
    "merge",
    "open_feed",
    "record",
    "record_many",
    "refresh_search",
    "remove",
    "remove_warranty",
    "rename",
    "restore",
    "revoke_feed",
    "stage",
    "stage_all",
    "take_back",
    "trash",
    "trash_many",
    "undo",
]
