"""An import from the file that was sent to the report of what became of it, and back out again.

A batch goes from one state to the next by `begin`, `choose`, `apply` and `undo`; `work` does what
the state asks for, a part at a time. Whatever is interrupted goes on with the next `work`.
"""

from purchases.importing.batches.applying import Reread, apply
from purchases.importing.batches.beginning import begin
from purchases.importing.batches.choosing import choose, sample
from purchases.importing.batches.discarding import (
    discard,
    drop_stale,
    has_recorded,
    left_something,
)
from purchases.importing.batches.opening import head_of
from purchases.importing.batches.presets import (
    choices_of,
    format_of,
    matching_presets,
    remove_preset,
    save_preset,
)
from purchases.importing.batches.telling import Tally, said_by, tally
from purchases.importing.batches.undoing import undo
from purchases.importing.batches.working import work

__all__ = [
    "Reread",
    "Tally",
    "apply",
    "begin",
    "choices_of",
    "choose",
    "discard",
    "drop_stale",
    "format_of",
    "has_recorded",
    "head_of",
    "left_something",
    "matching_presets",
    "remove_preset",
    "said_by",
    "sample",
    "save_preset",
    "tally",
    "undo",
    "work",
]
