"""The formats that are documents: one JSON object with lists of records, alone or in a ZIP."""

from purchases.importing import own_document, spends_document
from purchases.importing.shapes import Format, Kind
from purchases.importing.sources import Shape

FORMATS_OF_DOCUMENTS = (
    Format(
        key="pursestrings",
        title="Pursestrings, JSON or ZIP",
        hint="From the Data page of Pursestrings: Export everything.",
        kind=Kind.PURCHASES,
        recognises=own_document.recognises,
        read=own_document.read,
        shapes=(Shape.JSON, Shape.ZIP),
    ),
    Format(
        key="spends-tracker",
        title="spends-tracker, JSON or ZIP",
        hint="From the export of spends-tracker, as JSON or as ZIP.",
        kind=Kind.PURCHASES,
        recognises=spends_document.recognises,
        read=spends_document.read,
        shapes=(Shape.JSON, Shape.ZIP),
    ),
)
