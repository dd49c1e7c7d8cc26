"""How a file is to be read, and what becomes of what is there already."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from itertools import islice

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from budgets.usage.parsing import Row as UsageRow
from purchases import rates
from purchases.fields import RateFormField
from purchases.importing.batches.holding import State, lock, move
from purchases.importing.batches.opening import head_of, records
from purchases.importing.choices import Choices, Days, Decimals, Sign
from purchases.importing.formats import FORMATS
from purchases.importing.rows import BadFile, Remark, Row
from purchases.importing.sources import Head
from purchases.models import ImportBatch

#: While nothing was recorded, everything can be chosen anew.
OPEN = {State.ASKING, State.READING, State.READY, State.FAILED}
_KINDS: Mapping[str, type[StrEnum]] = {"decimals": Decimals, "days": Days, "sign": Sign}


def choose(
    *,
    batch: ImportBatch,
    format: str,  # noqa: A002  (as the field is called)
    choices: Choices,
    mode: str,
    now: datetime,
) -> ImportBatch:
    """Begin to read the file in this way; one that was read already is read anew.

    Raises ValidationError by field (format, mode, or a field of Choices) for what is missing or
    wrong, and one for the whole when it is too late to choose; nothing changes then.
    """
    try:
        head = head_of(batch, choices)
    except BadFile as problem:
        raise ValidationError({NON_FIELD_ERRORS: str(problem)}) from None
    if refused := _wrong(head, format, choices, mode):
        raise ValidationError(refused)
    with transaction.atomic():
        held = lock(batch)
        if held.state not in OPEN:
            raise ValidationError({NON_FIELD_ERRORS: "This import has begun to record already."})
        held.rows.all().delete()
        held.format, held.choices, held.mode = format, choices.as_json(), mode
        held.position, held.percent = 0, 0
        move(held, State.READING, now=now)
    return held


def sample(
    batch: ImportBatch,
    format: str,  # noqa: A002  (as the field is called)
    choices: Choices,
    most: int = 5,
) -> list[Row | UsageRow | Remark]:
    """Return how the first rows read with these choices; nothing is stored. Raises BadFile."""
    with records(batch, format, choices) as found:
        return [said for _, said in islice(found, most)]


def _wrong(head: Head, key: str, choices: Choices, mode: str) -> dict[str, str]:
    """Return what is missing or cannot be meant, by its field."""
    refused = _wrong_values(choices)
    if mode not in ImportBatch.Mode.values:
        refused["mode"] = "Choose what becomes of purchases that are here already."
    found = next((one for one in FORMATS if one.key == key), None)
    if found is None:
        return refused | {"format": "Choose what kind of file this is."}
    if not found.fits(head):
        return refused | {"format": f"This file cannot be read as: {found.title}."}
    asked = dict.fromkeys(found.asks(head, choices), "Choose one: the file does not say.")
    return asked | refused


def _wrong_values(choices: Choices) -> dict[str, str]:
    refused = {
        name: "Choose one of these."
        for name, kind in _KINDS.items()
        if (value := getattr(choices, name)) and value not in set(kind)
    }
    if choices.currency and choices.currency not in rates.known():
        refused["currency"] = f"“{choices.currency[:10]}” is no currency; USD or EUR is."
    for code, text in choices.rates.items():
        if code not in rates.known():
            refused["rates"] = f"“{code[:10]}” is no currency; USD or EUR is."
            continue
        try:
            RateFormField().clean(text)
        except ValidationError as problem:
            refused["rates"] = f"{code}: {' '.join(problem.messages)}"
    return refused
