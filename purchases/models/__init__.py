"""What was bought: purchases, their warranties and papers, and where they came from.

A `Purchase` is one line of a receipt: what, from whom, when, and the price that was paid for the
line in its own currency. `amount` is that price in the base currency, and what reaches the owner's
budget; a `PurchaseEntry` ties each posting of the ledger to the purchase it was made for. A
`Warranty` says how it stands only when asked, with the day of whoever asks. An `Attachment` is a
paper of a purchase; its bytes are a `Blob`, stored once however many attachments point at it.
`Retailer`, `Brand` and `Tag` are names, unique regardless of case and space. An `ImportBatch` is a
file whose rows become purchases or usage, and can be taken back as a whole.

A purchase is private to its owner unless it is shared with the household, and one made for a gift
follows the rule of surprises. Only the verbs in `purchases.keeping` write any of this.
"""

from purchases.models.attachment import Attachment, Blob
from purchases.models.batch import ImportBatch, ImportPreset, ImportRow
from purchases.models.memory import CalendarFeed, Preferences, UndoStep
from purchases.models.names import Brand, Retailer, Tag
from purchases.models.purchase import Purchase, PurchaseEntry, PurchaseQuerySet
from purchases.models.warranty import Warranty

__all__ = [
    "Attachment",
    "Blob",
    "Brand",
    "CalendarFeed",
    "ImportBatch",
    "ImportPreset",
    "ImportRow",
    "Preferences",
    "Purchase",
    "PurchaseEntry",
    "PurchaseQuerySet",
    "Retailer",
    "Tag",
    "UndoStep",
    "Warranty",
]
