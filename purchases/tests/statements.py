"""Statements of a bank to import, and the pages of an import step by step, for tests."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from people.models import User
from purchases.importing import batches
from purchases.importing.choices import Choices
from purchases.models import ImportBatch
from purchases.tests.factories import NOW

HEADER = "Buchungstag;Empfänger;Verwendungszweck;Betrag"
#: What has to be chosen about a statement of the bank below.
CHOSEN = {
    "format": "bank",
    "mode": "skip",
    "column_day": "Buchungstag",
    "column_name": "Empfänger",
    "column_amount": "Betrag",
    "column_notes": "Verwendungszweck",
    "days": "dmy",
    "decimals": "comma",
    "sign": "negative",
    "currency": "USD",
}
CHOICES = Choices(
    columns={"day": "Buchungstag", "name": "Empfänger", "amount": "Betrag"},
    days="dmy",
    decimals="comma",
    sign="negative",
    currency="USD",
)
USAGE = (
    "timestamp,model,provider,input_tokens,output_tokens,cost\n"
    "2026-07-01T10:00:00Z,gpt-5,openai,1000,200,0.0125\n"
    "2026-07-02T10:00:00Z,gpt-5,openai,10,20,0.5\n"
)


def statement(*rows: str, count: int = 0) -> bytes:
    """Return a statement as German banks write it: these rows, or as many as asked for."""
    days = (date(2020, 1, 1) + timedelta(days=number % 2_000) for number in range(count))
    made = (
        f"{day:%d.%m.%Y};Bäckerei {number};Karte {number};-{number % 90 + 1},50"
        for number, day in enumerate(days)
    )
    return "\r\n".join([HEADER, *rows, *made, ""]).encode("cp1252")


def upload(content: bytes, name: str = "umsatz.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def begun(owner: User, content: bytes, name: str = "umsatz.csv") -> ImportBatch:
    """Return a batch of a file that was just sent."""
    return batches.begin(upload=upload(content, name), owner=owner, by=owner, now=NOW)


def read(owner: User, content: bytes, *, mode: str = "skip", **choices: Any) -> ImportBatch:
    """Return a batch of a statement that was read to its end."""
    how = Choices.from_json(CHOICES.as_json() | choices)
    batch = begun(owner, content)
    return finished(batches.choose(batch=batch, format="bank", choices=how, mode=mode, now=NOW))


def recorded(owner: User, content: bytes, **how: Any) -> ImportBatch:
    """Return a batch that was recorded."""
    batch = read(owner, content, **how)
    return finished(batches.apply(batch=batch, by=owner, now=NOW))


def finished(batch: ImportBatch) -> ImportBatch:
    """Work on a batch until there is nothing left to do."""
    while batch.state in {"reading", "applying", "undoing"}:
        batch = batches.work(batch=batch, now=NOW)
    return batch


def sent(client: Client, content: bytes, name: str = "umsatz.csv", **headers: str) -> Any:
    """Send a file to the page that takes them."""
    return client.post("/data/import/", {"file": upload(content, name)}, headers=headers)


def work_on(client: Client, batch: ImportBatch, most: int = 50) -> Any:
    """Press “Go on” until the page of the batch shows something else than progress."""
    for _ in range(most):
        answer = client.post(f"/data/import/{batch.pk}/work/", follow=True)
        if "imports/progress.html" not in _names(answer.templates):
            return answer
    raise AssertionError("it does not come to an end")


def _names(templates: Iterable[Any]) -> set[str]:
    return {template.name for template in templates}
