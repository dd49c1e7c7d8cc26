"""The values of a JSON record: read exactly or refused by their names, never guessed."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from budgets.money import MAX_AMOUNT, BadAmount, check_places
from purchases import rates

MAX_QUANTITY = 9_999
LONGEST_KEY = 200
#: As in the models.
STATUSES = ("ordered", "received", "returned")
WARRANTY_KINDS = ("manufacturer", "extended", "parts", "labour", "statutory", "other")
PAPER_KINDS = ("receipt", "manual", "photo", "warranty", "other")

_AMOUNT = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


#: What is told of a purchase whose gift stays behind.
FOR_GIFT = "it was bought for a gift, which is not in what is imported"
# What people call a value where its name alone, in words, would not do.
_SPOKEN = {
    "blob_id": "file",
    "currency_code": "currency",
    "product_name": "name",
    "purchase_date": "bought on",
    "purchased_on": "bought on",
    "retailer_order_number": "order number",
    "return_by": "returnable until",
    "return_deadline": "returnable until",
}


class BadRecord(ValueError):
    """The record cannot be taken; the message says which value and why."""


@dataclass(slots=True)
class Reading:
    """A record at its place in its array, and what is odd about it.

    With `exact` its texts keep the spaces around them.
    """

    place: int
    said: Mapping[str, Any]
    exact: bool = False
    oddities: list[str] = field(default_factory=list)

    def odd(self, what: str) -> None:
        self.oddities.append(what)

    def text(self, name: str, longest: int) -> str:
        """Return a text; "" where there is none."""
        value = self.said.get(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise BadRecord(f"{spoken(name)}: is neither text nor a number")
        text = str(value) if self.exact else str(value).strip()
        if "\0" in text:
            raise BadRecord(f"{spoken(name)}: has a character that no text may have")
        if len(text) > longest:
            raise BadRecord(f"{spoken(name)}: is longer than {longest:,} characters")
        return text

    def needed(self, name: str, longest: int) -> str:
        """Return a text that must be there."""
        if text := self.text(name, longest):
            return text
        raise BadRecord(f"{spoken(name)}: is blank")

    def shortened(self, name: str, longest: int) -> str:
        """Return a text, cut where it is too long; that is odd."""
        text = self.text(name, len(str(self.said.get(name))))
        if len(text) <= longest:
            return text
        self.odd(f"{spoken(name)}: is longer than {longest:,} characters and was cut")
        return text[: longest - 1].rstrip() + "…"

    def choice(self, name: str, allowed: Collection[str]) -> str:
        """Return one of the words that are allowed, regardless of case and of the enum it is of."""
        text = self.text(name, 100)
        word = text.rpartition(".")[2].lower()
        if word not in allowed:
            raise BadRecord(f"{spoken(name)}: “{text[:40]}” is none of {', '.join(allowed)}")
        return word

    def currency(self, name: str, usual: str = "") -> str:
        """Return a currency; that it is the usual one, where none is said, is odd."""
        code = self.text(name, 40).upper()
        if not code and usual:
            self.odd(f"{spoken(name)}: is blank, taken as {usual}")
            code = usual
        if not code:
            raise BadRecord(f"{spoken(name)}: is blank")
        if code not in rates.known():
            raise BadRecord(f"{spoken(name)}: “{code}” is no currency")
        return code

    def amount(self, name: str, currency: str) -> Decimal:
        """Return an amount of a currency with all its decimals and no more."""
        text = self.needed(name, 40)
        if not _AMOUNT.fullmatch(text):
            raise BadRecord(f"{spoken(name)}: “{text}” is no amount like 12.50")
        amount = Decimal(text)
        if abs(amount) > MAX_AMOUNT:
            raise BadRecord(f"{spoken(name)}: {text} is more than 99,999,999.99")
        places = rates.places(currency)
        try:
            check_places(amount, places)
        except BadAmount as problem:
            raise BadRecord(f"{spoken(name)}: “{text}” cannot be read. {problem}") from None
        return amount.quantize(Decimal(1).scaleb(-places))

    def rate(self, name: str) -> Decimal:
        """Return an exchange rate, which is above zero."""
        text = self.needed(name, 40)
        value = Decimal(text) if _AMOUNT.fullmatch(text) else Decimal(0)
        if not 0 < value <= rates.LARGEST or value != round(value, rates.PLACES):
            raise BadRecord(f"{spoken(name)}: “{text}” is no exchange rate")
        return value

    def day(self, name: str) -> date | None:
        """Return a day; None where there is none."""
        text = self.text(name, 40)
        if not text:
            return None
        try:
            day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None:
            raise BadRecord(f"{spoken(name)}: “{text}” is no day like 2026-12-31")
        return day

    def needed_day(self, name: str) -> date:
        """Return a day that must be there."""
        if day := self.day(name):
            return day
        raise BadRecord(f"{spoken(name)}: is blank")

    def last_day(self, name: str, first: date) -> date | None:
        """Return a day that is not before another one; None where there is none."""
        day = self.day(name)
        if day is not None and day < first:
            raise BadRecord(f"{spoken(name)}: {day} is before {first}")
        return day

    def quantity(self, name: str) -> int:
        """Return how many; one where it is not said."""
        text = self.text(name, 40) or "1"
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_QUANTITY:
            raise BadRecord(
                f"{spoken(name)}: “{text}” is no whole number from 1 to {MAX_QUANTITY:,}"
            )
        return int(text)

    def flag(self, name: str) -> bool:
        """Return what is true or false, or 1 or 0; false where it is not said."""
        value = self.said.get(name)
        if value is None or value in (0, 1):
            return bool(value)
        raise BadRecord(f"{spoken(name)}: is neither true nor false")

    def link(self, name: str) -> str:
        """Return an address on the web; what is none is odd and left out."""
        text = self.text(name, 2_000)
        if text and not _is_link(text):
            self.odd(f"{spoken(name)}: “{text[:60]}” is no address on the web; it was left out")
            return ""
        return text


def spoken(name: str) -> str:
    """Return what people call a value of a record."""
    return _SPOKEN.get(name) or name.removesuffix("_id").replace("_", " ")


def key_of(value: object) -> str:
    """Return an id as text. Raises BadRecord for what is none."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        key = str(value).strip()
        if 0 < len(key) <= LONGEST_KEY and "\0" not in key:
            return key
    raise BadRecord("is blank" if value in (None, "") else "is no id")


def _is_link(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in text
