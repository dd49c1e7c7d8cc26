"""What is chosen about a file: which one, how it is read, and under which name that is kept."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms import BoundField
from django.utils.html import format_html

from purchases import rates
from purchases.forms import import_fields as fields
from purchases.importing.choices import Choices, Decimals
from purchases.importing.formats import Format, Kind, suggest_columns
from purchases.importing.sources import Head, Shape
from purchases.models import ImportBatch, ImportPreset
from purchases.naming import fold

#: The largest file, in bytes.
MOST_BYTES = 100 * 1024 * 1024
KINDS = {Kind.PURCHASES: "Purchases", Kind.USAGE: "Uses of AI models"}

_ENDINGS = ".csv,.tsv,.tab,.txt,.json,.jsonl,.ndjson,.zip"
#: What the names of fields begin with that say where a column is, and what a currency is worth.
_COLUMN, _RATE = "column_", "rate_"
_FOUND = ("encoding", "delimiter", "header_line")
_PLAIN = (*_FOUND, *fields.ASKED)


class UploadForm(forms.Form):
    """A file to import."""

    file = forms.FileField(
        label="Choose a file",
        widget=forms.FileInput(attrs={"accept": _ENDINGS}),
        error_messages={"required": "Choose a file first.", "empty": "The file is empty."},
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError(
                "This file is larger than 100 MB. Split it, and import the parts one by one."
            )
        return file


class ChoicesForm(forms.Form):
    """How a file is to be read: the fields that its format asks for.

    With `is_complete` all that the format needs has to be there. Without it the form shows how far
    one is, and a field that was not sent begins as on a page on which nothing was sent yet.
    """

    format = forms.ChoiceField(
        label="Read it as", error_messages={"required": "Choose what kind of file this is."}
    )
    preset = forms.ChoiceField(label="With the choices of", required=False)
    mode = forms.ChoiceField(
        label="What becomes of what is here already",
        choices=list(fields.MODES.items()),
        initial=ImportBatch.Mode.SKIP,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label="Name of the preset",
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "My bank"}),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        head: Head,
        formats: Sequence[Format],
        presets: Sequence[ImportPreset] = (),
        fitting: Collection[int] = (),
        initial: Mapping[str, str],
        chosen: Choices,
        is_complete: bool = False,
    ) -> None:
        super().__init__(data, initial=dict(initial))
        self.head, self.formats, self.is_complete = head, formats, is_complete
        key = self._start_of("format")
        self.chosen_format = next((one for one in formats if one.key == key), None)
        self.lacking: list[str] = []
        self.column_errors: list[str] = []
        self.asked = self._asks(Choices())
        self._offer_formats()
        self._offer_presets(presets, fitting)
        self._ask_how_it_was_found(chosen)
        if "columns" in self.asked:
            self._ask_columns(chosen.columns)
        self._ask_the_rest(chosen)
        typed = [name.removeprefix(_RATE) for name in self.data if name.startswith(_RATE)]
        self.ask_rates([*chosen.rates, *typed], chosen.rates)
        if not is_complete:
            self._complete_data()

    # --- Which fields there are -----------------------------------------------------------------

    def _start_of(self, name: str) -> Any:
        """Return what a field says as the page is drawn: what was sent, or what it begins with."""
        if name in self.data:
            return self.data[name]
        return self.initial.get(name, self.fields[name].initial)

    def _asks(self, choices: Choices) -> tuple[str, ...]:
        return self.chosen_format.asks(self.head, choices) if self.chosen_format else ()

    def _offer(self, name: str, choices: list[Any]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def _offer_formats(self) -> None:
        groups = [
            (words, [(one.key, one.title) for one in self.formats if one.kind == kind])
            for kind, words in KINDS.items()
        ]
        self._offer("format", [("", "Choose what it is"), *(group for group in groups if group[1])])
        self.fields["format"].required = self.fields["mode"].required = self.is_complete

    def _offer_presets(self, presets: Sequence[ImportPreset], fitting: Collection[int]) -> None:
        """Offer those that fit the file, and the others as well where there is much to choose."""
        if not self.asked:
            del self.fields["name"]
        fit = [one for one in presets if one.pk in fitting]
        others = [one for one in presets if one.pk not in fitting] if self.asked else []
        if not fit and not others:
            del self.fields["preset"]
            return
        named = [(f"{one.pk}", f"{one.name} (fits this file)") for one in fit]
        named += [(f"{one.pk}", one.name) for one in others]
        self._offer("preset", [("", "No preset"), *named])
        if fit and not self._start_of("preset"):
            self.fields["preset"].help_text = format_html("“{}” fits this file.", fit[0].name)

    def _ask_how_it_was_found(self, chosen: Choices) -> None:
        if self.head.shape == Shape.TABLE:
            self.fields["encoding"] = fields.encoding(self.head.encoding)
            self.fields["delimiter"] = fields.delimiter(self.head.delimiter)
            self.fields["header_line"] = fields.header_line(
                self.head.header_line, is_told=bool(chosen.header_line)
            )
            for name in _FOUND:
                self.fields[name].initial = getattr(chosen, name) or ""

    def _ask_columns(self, mapped: Mapping[str, str]) -> None:
        assert self.chosen_format is not None  # noqa: S101  (nothing is asked without one)
        names = {fold(name): name for name in reversed(self.head.names) if name.strip()}
        offered = [("", "Not in this file"), *((names[key], names[key]) for key in reversed(names))]
        is_new = not mapped and self.chosen_format.kind == Kind.PURCHASES
        suggested = suggest_columns(self.head) if is_new else {}
        for key, known in fields.columns(self.chosen_format).items():
            name, suggestion = f"{_COLUMN}{key}", suggested.get(key, "")
            field = self.fields[name] = forms.ChoiceField(
                label=known.label,
                required=self.is_complete and known.needed,
                choices=offered,
                initial=names.get(fold(mapped.get(key, "")), suggestion),
                error_messages={"required": "Choose the column."},
            )
            if suggestion and self._start_of(name) == suggestion:
                field.help_text = "A suggestion"
                field.widget.attrs["data-suggested"] = ""
        self.lacking = [name for name in mapped.values() if name and fold(name) not in names]
        # What the columns hold may lead to other questions.
        chosen = {name: self._start_of(name) for name in self.fields if name.startswith(_COLUMN)}
        self.asked += self._asks(Choices(columns=_under(_COLUMN, chosen)))

    def _ask_the_rest(self, chosen: Choices) -> None:
        for name, make in fields.ASKED.items():
            if name in self.asked:
                field = self.fields[name] = make()
                field.required = False  # whether the format can do without is asked below
                field.initial = getattr(chosen, name) or field.initial

    def ask_rates(self, codes: Iterable[str], written: Mapping[str, str] | None = None) -> None:
        """Ask what one unit of these currencies is worth; of the base one nobody has to say."""
        for code in codes:
            name = f"{_RATE}{code}"
            if code == settings.CURRENCY or code not in rates.known() or name in self.fields:
                continue
            self.fields[name] = fields.RateField(
                code=code, has_comma=self._has_comma(), initial=(written or {}).get(code, "")
            )

    def _has_comma(self) -> bool:
        return "decimals" in self.fields and self._start_of("decimals") == Decimals.COMMA

    def require_rates(self, codes: Iterable[str]) -> None:
        """Insist on what one unit of these currencies is worth."""
        for code in codes:
            name = f"{_RATE}{code}"
            self.ask_rates([code])
            if name in self.fields and not (self.has_error(name) or self.cleaned_data.get(name)):
                self.add_error(name, f"Enter what 1 {code} is worth in {settings.CURRENCY}.")

    def _complete_data(self) -> None:
        if self.is_bound:
            begins = {name: self._start_of(name) for name in self.fields}
            self.data = {**self.data.dict(), **_said(begins)}  # type: ignore[attr-defined]

    # --- What was chosen ------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        if self.is_complete and self.chosen_format:
            for name in self._asks(_choices(self.cleaned_data)):
                if name in self.fields and not self.has_error(name):
                    required = self.fields[name].error_messages["required"]
                    self.add_error(name, ValidationError(required, code="required"))
        return self.cleaned_data

    def choices(self) -> Choices:
        """Return what was chosen so far; what cannot be read is not among it."""
        if self.is_bound:
            self.is_valid()
            return _choices(self.cleaned_data)
        return _choices({name: self._start_of(name) for name in self.fields})

    def unanswered(self) -> tuple[str, ...]:
        """Return the fields of `Choices` that have yet to be filled in."""
        return self._asks(self.choices()) if self.chosen_format else ("format",)

    def refuse(self, refusal: ValidationError) -> None:
        """Tell each reason at its field, and above them what has none."""
        if not hasattr(refusal, "error_dict"):
            self.add_error(None, refusal)
            return
        for name, reasons in refusal.error_dict.items():
            if name == "columns":
                self.column_errors.append("Choose the day, what was bought, and one amount.")
            self.add_error(name if name in self.fields else None, reasons)

    # --- What the template draws ----------------------------------------------------------------

    @property
    def shown(self) -> str:
        """What the fields that the page shows depend on: another answer asks others."""
        names = [name for name in (*fields.ASKED, *self.fields) if self._comes_and_goes(name)]
        wrong = [f"!{name}" for name in names if name.startswith(_RATE) and self.errors.get(name)]
        return " ".join(dict.fromkeys([getattr(self.chosen_format, "key", ""), *names, *wrong]))

    @property
    def read_as(self) -> str:
        """Return how the columns were found: where they are others, none is chosen yet."""
        return f"{self.head.encoding} {self.head.delimiter} {self.head.header_line}"

    def _comes_and_goes(self, name: str) -> bool:
        return name in self.fields and (name in fields.ASKED or name.startswith(_RATE))

    @property
    def hint(self) -> str:
        return self.chosen_format.hint if self.chosen_format else ""

    @property
    def has_suggestions(self) -> bool:
        return any("data-suggested" in one.field.widget.attrs for one in self.column_fields)

    @property
    def found_fields(self) -> list[BoundField]:
        return self._fields(*_FOUND)

    @property
    def has_found_otherwise(self) -> bool:
        return any(field.errors or field.value() for field in self.found_fields)

    @property
    def column_fields(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(_COLUMN)]

    @property
    def often_fields(self) -> list[BoundField]:
        return [field for field in self.column_fields if not self._is_rare(field)]

    @property
    def rare_fields(self) -> list[BoundField]:
        """Return the columns that most files do not have, and this one neither."""
        return [field for field in self.column_fields if self._is_rare(field)]

    def _is_rare(self, field: BoundField) -> bool:
        assert self.chosen_format is not None  # noqa: S101  (nothing is mapped without one)
        key = field.name.removeprefix(_COLUMN)
        is_needed = fields.columns(self.chosen_format)[key].needed or key in fields.OFTEN
        return not (is_needed or field.value() or field.errors)

    @property
    def asked_fields(self) -> list[BoundField]:
        return self._fields(*fields.ASKED)

    @property
    def rate_fields(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(_RATE)]

    def _fields(self, *names: str) -> list[BoundField]:
        return [self[name] for name in names if name in self.fields]


def _choices(values: Mapping[str, Any]) -> Choices:
    said = _said(values)
    return Choices(
        columns=_under(_COLUMN, said),
        rates={code: _written(rate) for code, rate in _under(_RATE, said).items()},
        **{name: said[name] for name in _PLAIN if name in said},
    )


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that say something."""
    return {name: value for name, value in values.items() if value not in (None, "")}


def _under(prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    begun = {name: value for name, value in values.items() if name.startswith(prefix)}
    return {name.removeprefix(prefix): value for name, value in begun.items()}


def _written(rate: Any) -> str:
    return rate if isinstance(rate, str) else f"{rate:f}"
