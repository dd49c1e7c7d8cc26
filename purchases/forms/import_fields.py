"""Fields by which people say how a file is written, each with examples instead of names."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from purchases.fields import UNREADABLE, RateFormField
from purchases.forms.fields import CurrencyField
from purchases.importing.choices import Days, Decimals, Sign
from purchases.importing.encodings import ENCODINGS
from purchases.importing.formats import FIELDS, Field, Format, Kind
from purchases.importing.usage import USAGE_FIELDS
from purchases.models import ImportBatch

MODES = {
    ImportBatch.Mode.SKIP: "Leave it alone, and record only what is new",
    ImportBatch.Mode.UPDATE: "Bring it up to date where the file says something else",
    ImportBatch.Mode.STRICT: "All or nothing: one row that cannot be read stops the whole file",
}
#: The last line in which columns may be named.
MOST_LINES = 1_000
#: What is asked for with every file: the needed columns are never folded, and these not either.
OFTEN = frozenset({"amount", "spent", "input_tokens", "output_tokens", "cost"})
_DELIMITERS = {",": "Comma ( , )", ";": "Semicolon ( ; )", "\t": "Tab", "|": "Bar ( | )"}
_DECIMALS = {Decimals.POINT: "A point: 1,234.56", Decimals.COMMA: "A comma: 1.234,56"}
_DAYS = {
    Days.YEAR_FIRST: "Year first: 2026-12-31",
    Days.DAY_FIRST: "Day first: 31.12.2026",
    Days.MONTH_FIRST: "Month first: 12/31/2026",
}
_SIGNS = {
    Sign.SPENT_IS_NEGATIVE: "With a minus: -12.50",
    Sign.SPENT_IS_POSITIVE: "Without one: 12.50",
}


def _radio(label: str, choices: Mapping[Any, str]) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[(str(value), words) for value, words in choices.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one: the file does not say."},
    )


def _text(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=100,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter it: the file does not say."},
    )


def _currency() -> CurrencyField:
    return CurrencyField(
        initial=settings.CURRENCY,
        help_text="Of amounts that name none.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


#: The fields for what a format may ask for, beside the columns.
ASKED: Mapping[str, Callable[[], forms.Field]] = {
    "days": lambda: _radio("How a day is written", _DAYS),
    "decimals": lambda: _radio("Which mark stands before the cents", _DECIMALS),
    "sign": lambda: _radio("How money you spent is written", _SIGNS),
    "currency": _currency,
    "provider": lambda: _text("Provider", "Of rows that name none, like openai."),
    "model": lambda: _text("Model", "Of rows that name none, like gpt-5."),
}


class RateField(RateFormField):
    """A rate, which may also be typed with the mark that the file has before the cents."""

    def __init__(self, *, has_comma: bool, code: str, initial: str) -> None:
        super().__init__(label=f"1 {code} is worth", required=False, initial=initial)
        self.has_comma = has_comma

    def to_python(self, value: Any) -> Decimal | None:
        if not self.has_comma:
            return super().to_python(value)
        text = str(value or "")
        try:
            return super().to_python(text if "." in text else text.replace(",", "."))
        except ValidationError:
            words = UNREADABLE.replace("1.0842", "1,0842")
            raise ValidationError(words, code="invalid") from None


def as_found(label: str, found: str, others: Mapping[str, str]) -> forms.ChoiceField:
    """Return a select for what was found in a file, to be overruled by whoever knows better."""
    offered = [("", f"As it was found: {found}"), *others.items()]
    return forms.ChoiceField(label=label, required=False, choices=offered)


def encoding(found: str) -> forms.ChoiceField:
    return as_found("Letters", ENCODINGS.get(found, found), ENCODINGS)


def delimiter(found: str) -> forms.ChoiceField:
    return as_found("Columns are separated by", _DELIMITERS.get(found, found), _DELIMITERS)


def header_line(found: int, *, is_told: bool) -> forms.IntegerField:
    """Return a field for the line in which the columns are named."""
    return forms.IntegerField(
        label="The columns are named in line",
        required=False,
        min_value=1,
        max_value=MOST_LINES,
        help_text="Empty: the line is found." if is_told else f"Found in line {found}.",
        widget=forms.NumberInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )


def columns(of: Format) -> Mapping[str, Field]:
    """Return what a column may be in a table of this format."""
    if of.kind == Kind.PURCHASES:
        return FIELDS
    needed = {"occurred_at"}
    return {
        key: Field(label[0].upper() + label[1:], needed=key in needed)
        for key, label in USAGE_FIELDS.items()
    }
