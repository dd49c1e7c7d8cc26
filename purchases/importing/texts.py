"""Amounts, days and counts as shops and banks write them: read exactly, never guessed or rounded.

Which mark stands before the decimals, and which part of a day comes first, is told by the format
or chosen by a person. What does not fit that is refused, even if it would make sense otherwise.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from budgets.money import BadAmount, parse
from purchases import rates
from purchases.importing.choices import Days, Decimals

_DAY = re.compile(r"\d{1,2}/\d{1,2}/(\d\d|\d{4})", re.ASCII)
_PARTS = re.compile(r"(\d{1,4})([./-]) ?(\d{1,2})\2 ?(\d{1,4})\.?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_CLOCK = re.compile(
    r"(?:T|,? )\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[ap]\.?m\.?)?"
    r" ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_LIKE = {Days.DAY_FIRST: "31.12.2026", Days.MONTH_FIRST: "12/31/2026"}
_WHOLE = re.compile(r"\d{1,6}", re.ASCII)

# The digits with the mark before the decimals; thousands are grouped by one mark throughout.
_NUMBER = r"(\d+|\d{{1,3}}(?:([{groups}])\d{{3}})(?:\2\d{{3}})*)?(?:[{mark}](\d*))?"
_NUMBERS = {
    Decimals.POINT: re.compile(_NUMBER.format(groups=",'’ ", mark="."), re.ASCII),
    Decimals.COMMA: re.compile(_NUMBER.format(groups=".'’ ", mark=","), re.ASCII),
}
_SIGNED = re.compile(
    r"(?P<before>[-+]?) ?(?P<mark>[^\d\s.,+()'’-]{0,3}) ?(?P<middle>[-+]?) ?"
    r"(?P<number>[\d.,'’ ]*\d[.,]?) ?(?P<after>-?) ?(?P<unit>[^\d\s.,+()'’-]{0,3})"
)
_DOLLAR = re.compile(r"([A-Z]{0,2})\$")
#: The dollars and pesos, and what else is written with $.
_DOLLARS = {
    *("ARS", "AUD", "BBD", "BMD", "BND", "BRL", "BSD", "BZD", "CAD", "CLP", "COP", "CUP", "CVE"),
    *("DOP", "FJD", "GYD", "HKD", "JMD", "KYD", "LRD", "MOP", "MXN", "NAD", "NIO", "NZD", "PHP"),
    *("SBD", "SGD", "SRD", "TOP", "TTD", "TWD", "USD", "UYU", "WST", "XCD", "XCG", "ZWG"),
}
# Letters before $ that tell which of them it is; others tell nothing.
_TOLD_DOLLARS = {
    "A": {"AUD"},
    "AU": {"AUD"},
    "C": {"CAD", "NIO"},
    "CA": {"CAD"},
    "HK": {"HKD"},
    "MX": {"MXN"},
    "NT": {"TWD"},
    "NZ": {"NZD"},
    "R": {"BRL"},
    "S": {"SGD"},
    "US": {"USD"},
}
# Marks that stand for one currency or few.
_MARKS = {
    "€": {"EUR"},
    "£": {"GBP", "EGP", "GIP", "FKP", "SHP"},
    "¥": {"JPY", "CNY"},
    "kr": {"DKK", "SEK", "NOK", "ISK"},
    "zł": {"PLN"},
    "kč": {"CZK"},
    "ft": {"HUF"},
}


class BadText(ValueError):
    """The text is not what it should be; the message quotes it and says what is."""


class Day(NamedTuple):
    """A day as it is written, and the offset of the clock beside it: "" for none."""

    value: date
    offset: str


def amount(
    text: str, *, places: int, decimals: str = Decimals.POINT, currency: str = ""
) -> Decimal:
    """Read $1,200.50, -$5.00, ($5.00), 1.200,50 € or 5,00-, with at most `places` decimals.

    With a `currency`, the mark of another one is refused. Raises BadText.
    """
    like = "12,50" if decimals == Decimals.COMMA else "12.50"
    bare = text.replace("\N{MINUS SIGN}", "-")
    in_brackets = bare.startswith("(") and bare.endswith(")")
    match = _SIGNED.fullmatch(bare[1:-1] if in_brackets else bare)
    number = _NUMBERS[Decimals(decimals)].fullmatch(match["number"]) if match else None
    signs = match["before"] + match["middle"] + match["after"] if match else ""
    if not match or not number or len(signs) + in_brackets > 1:
        raise BadText(f"“{text[:40]}” cannot be read. Enter an amount like {like}.")
    _check_mark(text, match["mark"] or match["unit"], currency)
    if match["mark"] and match["unit"]:
        _check_mark(text, match["unit"], currency)
    whole_part = re.sub(r"\D", "", number[1] or "")
    minus = "-" if in_brackets or "-" in signs else ""
    try:
        return parse(f"{minus}{whole_part}.{number[3] or ''}", places=places)
    except BadAmount as problem:
        raise BadText(f"“{text[:40]}” cannot be read. {problem}") from None


def _check_mark(text: str, mark: str, currency: str) -> None:
    if not mark:
        return
    if dollar := _DOLLAR.fullmatch(mark):
        meant = _TOLD_DOLLARS.get(dollar[1], _DOLLARS)
    else:
        meant = _MARKS.get(mark.casefold(), {mark.upper()} & rates.known())
    if not meant:
        raise BadText(f"“{text[:40]}” cannot be read. “{mark}” is no currency.")
    if currency and currency not in meant:
        raise BadText(f"“{text[:40]}” is not in {currency}.")


def day(text: str, order: str = "") -> Day:
    """Read a day whose parts stand in the given order, as `Days` names it. Raises BadText.

    A year of four digits at the start is understood in any order, and is all that is without one.
    A year of two is 1969 to 2068. A clock beside the day moves nothing: the day is the written one.
    """
    clock = _CLOCK.search(text)
    bare, offset = text, ""
    if clock and clock.end() == len(text):
        bare, offset = text[: clock.start()], clock[1] or ""
    try:
        value = _day(bare, order)
    except ValueError:
        value = None
    if value is None:
        like = _LIKE.get(Days(order), "2026-12-31") if order else "2026-12-31"
        raise BadText(f"“{text[:40]}” is no day like {like}")
    return Day(value, offset)


def _day(text: str, order: str) -> date | None:
    """Return the day; None when the parts are not those of one. Raises ValueError for 31/02."""
    if compact := _COMPACT.fullmatch(text):
        is_meant = order in {"", Days.YEAR_FIRST}
        return date(*map(int, compact.groups())) if is_meant else None
    match = _PARTS.fullmatch(text)
    if not match:
        return None
    first, middle, last = match[1], match[3], match[4]
    if len(first) == 4 or order == Days.YEAR_FIRST:
        year, month, number = first, middle, last
    elif order == Days.DAY_FIRST:
        number, month, year = first, middle, last
    elif order == Days.MONTH_FIRST:
        month, number, year = first, middle, last
    else:
        return None
    if len(year) not in {2, 4} or len(number) > 2 or len(month) > 2:
        return None
    century = 0 if len(year) == 4 else 2000 if int(year) < 69 else 1900
    return date(century + int(year), int(month), int(number))


def american_day(text: str) -> date:
    """Read MM/DD/YY or MM/DD/YYYY, where 69 is 1969 and 68 is 2068. Raises BadText."""
    match = _DAY.fullmatch(text)
    pattern = "%m/%d/%Y" if match and len(match[1]) == 4 else "%m/%d/%y"
    try:
        # Only the day is read: no clock and no zone has a part in it.
        day = datetime.strptime(text, pattern).date()  # noqa: DTZ007
    except ValueError:
        match = None
    if match is None:
        raise BadText(f"“{text[:40]}” is no day like 12/31/23")
    return day


def whole(text: str) -> int:
    """Read a whole number of at most six digits. Raises BadText."""
    if not _WHOLE.fullmatch(text):
        raise BadText(f"“{text[:40]}” is not a whole number")
    return int(text)
