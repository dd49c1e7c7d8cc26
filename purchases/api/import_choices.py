"""How a program says how a file is to be read: by the same form that a person fills in."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from django.conf import settings
from django.core.exceptions import ValidationError
from ninja import Schema
from pydantic import BeforeValidator, ConfigDict, Field, Json, WithJsonSchema

from people.programs.forms import refused
from people.programs.paging import RowKey
from people.programs.problems import Refused, invalid, problem
from purchases.forms.import_fields import MOST_LINES
from purchases.forms.imports import ChoicesForm
from purchases.importing import batches
from purchases.importing.batches.choosing import OPEN
from purchases.importing.batches.opening import LOST
from purchases.importing.choices import Choices
from purchases.importing.formats import FORMATS
from purchases.importing.rows import BadFile, Row
from purchases.importing.sources import Head
from purchases.models import ImportBatch, ImportPreset

#: How many columns of a file are told and may be chosen.
COLUMNS = 300
_MOST_TEXT = 100_000

Mode = Literal["skip", "update", "strict"]
Encoding = Literal[
    "utf-8",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "cp1254",
    "cp1257",
]
_Header = Annotated[str, Field(max_length=1_000)]
_Short = Annotated[str, Field(max_length=100)]

_DESCRIBED_COLUMNS = (
    "Which column holds what: the name of a field, as `GET import/formats` lists them, and the"
    " header that it has in this file."
)


class ImportChoicesSent(Schema):
    """How a file is to be read. What its format asks for has to be there; nothing is guessed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "format": "bank",
                    "columns": {"day": "Date", "name": "Payee", "amount": "Amount"},
                    "days": "dmy",
                    "decimals": "comma",
                    "sign": "negative",
                    "currency": "EUR",
                    "rates": {"EUR": "1.0842"},
                }
            ]
        },
    )

    format: Annotated[str, Field(max_length=40)] | None = Field(
        None, description="A key of `GET import/formats`. Without one, that which was recognised."
    )
    preset: RowKey | None = Field(
        None, description="The id of one of your presets: what is not sent here is as it says."
    )
    mode: Mode = Field(
        "skip",
        description="What becomes of what is here already: it is left alone, it is brought up to"
        " date, or one row that cannot be read stops the whole file.",
    )
    encoding: Encoding | None = Field(
        None, description="Of a text that is written otherwise than it was found to be."
    )
    delimiter: Literal[",", ";", "\t", "|"] | None = Field(
        None, description="What separates the columns, where that was found otherwise."
    )
    header_line: Annotated[int, Field(ge=1, le=MOST_LINES)] | None = Field(
        None, description="The line that names the columns, where another one was found."
    )
    columns: dict[_Short, _Header] = Field(
        default_factory=dict, max_length=50, description=_DESCRIBED_COLUMNS
    )
    decimals: Literal["point", "comma"] | None = Field(
        None, description="Which mark stands before the cents."
    )
    days: Literal["ymd", "dmy", "mdy"] | None = Field(
        None, description="In which order a day is written."
    )
    sign: Literal["negative", "positive"] | None = Field(
        None, description="How money that was spent is written."
    )
    currency: _Short | None = Field(None, description="Of amounts that name none.")
    rates: dict[_Short, _Short] = Field(
        default_factory=dict,
        max_length=200,
        description="What one unit of a foreign currency is worth in the base one.",
    )
    provider: _Short | None = Field(None, description="Of usage that names none.")
    model: _Short | None = Field(None, description="Of usage that names none.")


def _not_too_long(text: Any) -> Any:
    if isinstance(text, str) and len(text) > _MOST_TEXT:
        raise ValueError(f"Send at most {_MOST_TEXT:,} characters.")
    return text


#: The same as JSON in a field of a form.
ChoicesInForm = Annotated[
    Json[ImportChoicesSent],
    BeforeValidator(_not_too_long),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": _MOST_TEXT,
            "contentMediaType": "application/json",
            "examples": ["{}"],
        }
    ),
]


def beginning_of(batch: ImportBatch, choices: Choices | None = None) -> Head:
    """Return how a file begins, with only what an answer can hold. Raises BadFile."""
    head = batches.head_of(batch, choices)
    # A byte that is no letter of its encoding cannot be written into JSON.
    names = (name.encode("utf-8", "replace").decode() for name in head.names[:COLUMNS])
    return replace(head, names=tuple(names))


def choose(batch: ImportBatch, sent: ImportChoicesSent, *, now: datetime) -> ImportBatch:
    """Begin to read a file as a program says. Raises Refused."""
    if batch.state not in OPEN:
        raise wrong_state("It has begun to record already.")
    form = _form(batch, _with_preset(batch, sent))
    if form.is_valid():
        form.require_rates(dict.fromkeys([form.choices().currency, *_foreign(batch, form)]))
    if not form.is_valid():
        raise refused(form, named=_named(form))
    try:
        return batches.choose(
            batch=batch,
            format=form.cleaned_data["format"],
            choices=form.choices(),
            mode=form.cleaned_data["mode"],
            now=now,
        )
    except ValidationError as refusal:
        raise _told(refusal) from None
    except ImportBatch.DoesNotExist:
        raise wrong_state("It was discarded meanwhile.") from None


def _with_preset(batch: ImportBatch, sent: ImportChoicesSent) -> ImportChoicesSent:
    """Return what was sent, and beside it what its preset says. Raises Refused."""
    if sent.preset is None:
        return sent
    preset = ImportPreset.objects.filter(owner=batch.owner, pk=sent.preset).first()
    if preset is None:
        raise Refused(invalid({"preset": ["You have no such preset."]}))
    kept = batches.choices_of(preset).as_json() | {"format": batches.format_of(preset) or None}
    said = {name: value for name, value in kept.items() if name not in sent.model_fields_set}
    return sent.model_copy(update=said)


def wrong_state(detail: str) -> Refused:
    return Refused(problem(409, "import-state", "Not in this state", detail))


def _form(batch: ImportBatch, sent: ImportChoicesSent) -> ChoicesForm:
    found = Choices(
        encoding=sent.encoding or "",
        delimiter=sent.delimiter or "",
        header_line=sent.header_line or 0,
    )
    head = _head(batch, found)
    typed = _typed(sent, batch)
    form = ChoicesForm(
        typed,
        head=head,
        formats=[one for one in FORMATS if one.fits(head)],
        initial={},
        chosen=Choices(),
        is_complete=True,
    )
    # The page has no field for these: to read the file without them would be a surprise.
    unknown = [name for name in typed if name not in form.fields]
    if form.chosen_format and unknown:
        raise Refused(invalid({_name(name): [_UNASKED] for name in unknown}))
    return form


#: What of a program's choices says how the text itself is read, the likeliest fault first.
_OVERRULED = ("header_line", "delimiter", "encoding")
_UNASKED = "Nothing of this file and format depends on it: leave it out."


def _head(batch: ImportBatch, found: Choices) -> Head:
    """Return how the file begins. Raises Refused where it cannot be read like that."""
    try:
        return beginning_of(batch, found)
    except BadFile as fault:
        told = str(fault)
        blamed = [name for name in _OVERRULED if getattr(found, name) and told != LOST]
        if blamed:
            raise Refused(invalid({blamed[0]: [told]})) from None
        raise Refused(problem(409, "import-file", "The file cannot be read", told)) from None


def _typed(sent: ImportChoicesSent, batch: ImportBatch) -> dict[str, str]:
    """Return what a person would have typed."""
    said = sent.model_dump(exclude={"preset", "columns", "rates"})
    said["format"] = sent.format or batch.format
    said |= {f"column_{field}": header for field, header in sent.columns.items()}
    said |= {f"rate_{code}": rate for code, rate in sent.rates.items()}
    return {name: str(value) for name, value in said.items() if value is not None}


def _foreign(batch: ImportBatch, form: ChoicesForm) -> list[str]:
    """Return the currencies in the first rows of which nobody says what they are worth."""
    try:
        said = batches.sample(batch, form.cleaned_data["format"], form.choices())
    except BadFile:
        return []  # the reading says so
    rows = [one for one in said if isinstance(one, Row) and not one.exchange_rate]
    return [row.currency for row in rows if not row.left_out and row.currency != settings.CURRENCY]


def _named(form: ChoicesForm) -> Mapping[str, str]:
    return {name: _name(name) for name in form.fields}


def _name(field: str) -> str:
    """Return what programs call a field of the form: `columns.day` for `column_day`."""
    for prefix, key in (("column_", "columns"), ("rate_", "rates")):
        if field.startswith(prefix):
            return f"{key}.{field.removeprefix(prefix)}"
    return field


def _told(refusal: ValidationError) -> Refused:
    """Return what the verb refuses: a field, or that it is too late."""
    errors: dict[str, Any] = refusal.message_dict
    if general := errors.pop("__all__", None):
        return wrong_state(" ".join(general))
    return Refused(invalid(errors))
