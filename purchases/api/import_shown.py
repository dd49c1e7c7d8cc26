"""What a program is told of imports: how far one is, what was found, and what its rows say."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from django.conf import settings
from ninja import Schema
from pydantic import Field

from budgets.usage.parsing import Row as UsageRow
from budgets.wire import Moment, Money
from purchases.api.import_choices import Mode, beginning_of
from purchases.forms.import_fields import columns
from purchases.importing import batches
from purchases.importing.batches import Tally
from purchases.importing.batches.telling import amount_of
from purchases.importing.choices import Choices
from purchases.importing.formats import FORMATS, format_named, recognise, suggest_columns
from purchases.importing.rows import BadFile, Row
from purchases.importing.shapes import Format
from purchases.importing.sources import Head
from purchases.models import ImportBatch, ImportRow

State = ImportBatch.State

StateName = Literal["asking", "reading", "ready", "applying", "done", "undoing", "undone", "failed"]
Fate = Literal["new", "same", "changed", "double", "left_out", "error"]
Outcome = Literal["waiting", "added", "updated", "skipped", "refused", "undone", "kept"]
Shape = Literal["table", "json", "lines", "zip"]
FieldName = Annotated[str, Field(description="A field of the choices, such as `days`.")]

#: What is told of a row that waits; the model has "" for it.
WAITING = "waiting"
#: The states in which the file is still to be read, or could be read otherwise.
_CHOOSING = frozenset({State.ASKING, State.READY, State.FAILED})


# --- Formats ------------------------------------------------------------------------------------


class ImportFieldShown(Schema):
    """What a column may hold."""

    name: str = Field(examples=["amount"])
    label: str = Field(examples=["Amount"])
    needed: bool


class ImportFormatShown(Schema):
    """A kind of file that can be imported."""

    key: str = Field(examples=["amazon-items"])
    title: str
    hint: str = Field(description="Where people get such a file.")
    kind: Literal["purchases", "usage"]
    shapes: list[Shape] = Field(description="What such a file may be made of.")
    may_ask: list[FieldName] = Field(description="What a file of this kind may leave open.")
    columns: list[ImportFieldShown] = Field(description="What its columns may hold, where it asks.")

    @classmethod
    def of(cls, one: Format) -> "ImportFormatShown":
        may_ask = one.asks(Head(shape=one.shapes[0]), Choices())
        known = columns(one) if "columns" in may_ask else {}
        return cls(
            key=one.key,
            title=one.title,
            hint=one.hint,
            kind=one.kind.value,
            shapes=[shape.value for shape in one.shapes],
            may_ask=list(may_ask),
            columns=[
                ImportFieldShown(name=name, label=field.label, needed=field.needed)
                for name, field in known.items()
            ],
        )


# --- One import ---------------------------------------------------------------------------------


class ImportFoundShown(Schema):
    """What a file is made of, as its beginning tells."""

    shape: Shape
    encoding: str = Field(description="Empty for what is no text.")
    delimiter: str
    header_line: int = Field(description="The line that names the columns; 0 for none.")
    columns: list[str] = Field(description="The headers, or the outermost keys; at most 300.")
    recognised: str | None = Field(description="The format that it surely is.")
    formats: list[str] = Field(description="The formats that may be chosen.")
    suggested_columns: dict[str, str] = Field(
        description="Which column usually holds what; to be looked at, and sent with the choices."
    )

    @classmethod
    def of(cls, head: Head) -> "ImportFoundShown":
        recognised = recognise(head)
        return cls(
            shape=head.shape.value,
            encoding=head.encoding,
            delimiter=head.delimiter,
            header_line=head.header_line,
            columns=list(head.names),
            recognised=recognised.key if recognised else None,
            formats=[one.key for one in FORMATS if one.fits(head)],
            suggested_columns={} if recognised else suggest_columns(head),
        )


class ImportSumShown(Schema):
    """What the rows of one fate or outcome come to, in one currency."""

    of: str = Field(description="The fate or the outcome.", examples=["new"])
    currency: str = Field(examples=["USD"])
    amount: Money


class ImportTallyShown(Schema):
    """The rows that were read, by what would become of them and by what became of them."""

    rows: int
    odd: int = Field(description="Rows about which something is odd; each says what.")
    fates: dict[Fate, int]
    outcomes: dict[Outcome, int]
    sums: list[ImportSumShown] = Field(description="By fate.")
    recorded: list[ImportSumShown] = Field(description="By outcome.")

    @classmethod
    def of(cls, tally: Tally) -> "ImportTallyShown":
        outcomes = {name or WAITING: count for name, count in tally.outcomes.items()}
        return cls.model_validate(
            {
                "rows": tally.rows,
                "odd": tally.odd,
                "fates": tally.fates,
                "outcomes": outcomes,
                "sums": _sums(tally.sums),
                "recorded": _sums(tally.recorded),
            }
        )


def _sums(sums: Mapping[str, Mapping[str, Decimal]]) -> list[ImportSumShown]:
    return [
        ImportSumShown(of=name or WAITING, currency=currency, amount=amount)
        for name, parts in sorted(sums.items())
        for currency, amount in sorted(parts.items())
    ]


class ImportChoicesShown(Schema):
    """How the file is read; what was not chosen is empty."""

    encoding: str = ""
    delimiter: str = ""
    header_line: int = 0
    columns: dict[str, str] = Field(default_factory=dict)
    decimals: str = ""
    days: str = ""
    sign: str = ""
    currency: str = ""
    rates: dict[str, str] = Field(default_factory=dict)
    provider: str = ""
    model: str = ""


class ImportListed(Schema):
    """A file on its way into your records, or back out of them."""

    id: int
    name: str
    size: int = Field(description="In bytes.")
    sha256: str
    state: StateName = Field(
        description="`asking`: choose how it is read. `reading`, `applying`, `undoing`: ask for"
        " work until it is another one. `ready`: look at the rows, then apply. `done`, `undone`,"
        " `failed`: over."
    )
    percent: int = Field(description="How far it is with what it is at.", examples=[40])
    position: int = Field(description="How many rows were read.")
    format: str | None = Field(description="A key of `GET import/formats`.")
    mode: Mode
    problem: str = Field(description="Why nothing came of it.")
    made_at: Moment
    changed_at: Moment
    applied_at: Moment | None
    undone_at: Moment | None

    @classmethod
    def of(cls, batch: ImportBatch) -> "ImportListed":
        return cls.model_validate(_about(batch))


class ImportShown(ImportListed):
    """One import, with what is to be known before the next step."""

    choices: ImportChoicesShown
    found: ImportFoundShown | None = Field(description="None once it does not matter any more.")
    asks: list[FieldName] = Field(description="What has yet to be chosen before it can be read.")
    tally: ImportTallyShown

    @classmethod
    def of(cls, batch: ImportBatch) -> "ImportShown":
        about, head = _about(batch), None
        if batch.state in _CHOOSING:
            try:
                head = beginning_of(batch)
            except BadFile as fault:
                about["problem"] = about["problem"] or str(fault)
        about |= {
            "choices": ImportChoicesShown(**batch.choices),
            "found": ImportFoundShown.of(head) if head else None,
            "asks": _asks(batch, head) if head else [],
            "tally": ImportTallyShown.of(batches.tally(batch)),
        }
        return cls.model_validate(about)


def _about(batch: ImportBatch) -> dict[str, object]:
    plain = ("name", "size", "sha256", "state", "percent", "position", "mode", "problem")
    moments = ("made_at", "changed_at", "applied_at", "undone_at")
    about = {name: getattr(batch, name) for name in (*plain, *moments)}
    return {**about, "id": batch.pk, "format": batch.format or None}


def _asks(batch: ImportBatch, head: Head) -> list[str]:
    if not batch.format:
        return ["format"]
    return list(format_named(batch.format).asks(head, Choices.from_json(batch.choices)))


# --- Its rows -----------------------------------------------------------------------------------


class ImportSaidShown(Schema):
    """What a row says: a purchase, or one use of an AI model."""

    kind: Literal["purchase", "usage"]
    name: str = Field(description="What was bought, or the model.")
    amount: Money | None = Field(description="The price of the whole line, or the cost.")
    currency: str = Field(examples=["USD"])
    day: date | None = Field(default=None, description="Of a purchase.")
    quantity: int | None = Field(default=None, description="Of a purchase.")
    retailer: str = ""
    brand: str = ""
    tags: list[str] = Field(default_factory=list)
    warranties: int = Field(default=0, description="How many it brings along.")
    files: int = Field(default=0, description="How many it brings along.")
    occurred_at: Moment | None = Field(default=None, description="Of usage.")
    provider: str = ""
    operation: str = ""
    tokens: int | None = Field(default=None, description="Of usage, in and out.")

    @classmethod
    def of(cls, row: ImportRow) -> "ImportSaidShown | None":
        match batches.said_by(row):
            case None:
                return None
            case Row() as said:
                return cls._of_purchase(said)
            case said:
                return cls._of_usage(row, said)

    @classmethod
    def _of_purchase(cls, said: Row) -> "ImportSaidShown":
        return cls(
            kind="purchase",
            name=said.name,
            amount=said.price,
            currency=said.currency,
            # What is left out may name no day.
            day=None if said.purchased_on == date.min else said.purchased_on,
            quantity=said.quantity,
            retailer=said.retailer,
            brand=said.brand,
            tags=list(said.tags),
            warranties=len(said.warranties),
            files=len(said.files),
        )

    @classmethod
    def _of_usage(cls, row: ImportRow, said: UsageRow) -> "ImportSaidShown":
        return cls(
            kind="usage",
            name=said.model,
            amount=amount_of(row),  # worked out where the file does not say it
            currency=settings.CURRENCY,
            occurred_at=said.occurred_at,
            provider=said.provider,
            operation=said.operation,
            tokens=said.input_tokens + said.output_tokens,
        )


class ImportRowShown(Schema):
    """One row of a file: what it says, what it would do, and what it did."""

    number: int = Field(description="Its place among the rows of the file, from 1.")
    line: int = Field(description="The line on which it starts.")
    fate: Fate = Field(description="What would become of it.")
    outcome: Outcome = Field(description="What became of it.")
    reason: str = Field(description="Why it is what it is.")
    oddities: list[str]
    said: ImportSaidShown | None = Field(description="None for a row that cannot be read.")
    purchase: int | None = Field(description="The purchase that it became or changed.")

    @classmethod
    def of(cls, row: ImportRow) -> "ImportRowShown":
        purchase = row.purchase
        plain = ("number", "line", "fate", "reason", "oddities")
        return cls.model_validate(
            {name: getattr(row, name) for name in plain}
            | {
                "outcome": row.outcome or WAITING,
                "said": ImportSaidShown.of(row),
                "purchase": purchase.pk if purchase and not purchase.is_trashed else None,
            }
        )
