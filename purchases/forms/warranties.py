"""What is typed about warranties: one of them, and which ones a list shows."""

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from people.searching import LONGEST
from purchases import guarantees
from purchases.deadlines import SORTS
from purchases.forms.fields import NotesField, text
from purchases.guarantees import Status
from purchases.models import Warranty

FIRST_DAY = date(1900, 1, 1)
LIFE = "life"
#: The quick choices of how long a warranty lasts, in months.
LENGTHS = {"": "Until its last day", "12": "1 year", "24": "2 years", "36": "3 years"}


class ListForm(forms.Form):
    """Which warranties a list shows, and in which order; the tabs say how they stand."""

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Products, providers"}),
    )
    status = forms.ChoiceField(
        required=False, choices=[("", "All"), *((status, status.label) for status in Status)]
    )
    days = forms.IntegerField(label="Days left, at most", required=False, min_value=0)
    sort = forms.ChoiceField(required=False, choices=list(SORTS.items()))

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.is_valid()  # reads the fields; those that cannot be read ask for nothing

    @property
    def text(self) -> str:
        return str(self.cleaned_data.get("q", ""))

    @property
    def standing(self) -> Status | None:
        status = self.cleaned_data.get("status")
        return Status(status) if status else None

    @property
    def days_left(self) -> int | None:
        return self.cleaned_data.get("days")

    @property
    def order(self) -> str:
        """How the warranties are sorted: a key of `SORTS`."""
        return str(self.cleaned_data.get("sort", ""))


class _DayField(forms.DateField):
    """A day that a warranty begins or ends with."""

    def __init__(self, label: str, help_text: str) -> None:
        attrs = {"type": "date", "min": FIRST_DAY.isoformat()}
        super().__init__(
            label=label,
            help_text=help_text,
            required=False,
            widget=forms.DateInput(format="%Y-%m-%d", attrs=attrs),
            error_messages={"invalid": "Choose a day."},
        )

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and value < FIRST_DAY:
            raise forms.ValidationError(f"Choose a day from {FIRST_DAY.year} on.")


class _KindField(forms.ChoiceField):
    """The kind of a warranty; whoever says none means the usual one, and has entered nothing."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data) and super().has_changed(initial, data)

    def clean(self, value: Any) -> Any:
        return super().clean(value) or self.initial


class WarrantyForm(forms.Form):
    """One warranty: of its own page, or as part of the form for a purchase with a `prefix`.

    `bought_on` is the day that an empty start stands for; a form for a purchase hands over the day
    it has just read. What `warranty_values` returns then needs no other check. When one is changed,
    each field carries along what it showed at first, and only what was changed is stored: two
    browsers lose nothing of each other.
    """

    kind = _KindField(
        required=False, choices=Warranty.Kind.choices, initial=Warranty.Kind.MANUFACTURER
    )
    provider = text("Who gives it", 200)
    starts_on = _DayField("First day", "Empty: the day it was bought.")
    length = forms.ChoiceField(
        label="How long",
        required=False,
        choices=[*LENGTHS.items(), (LIFE, "For life")],
        help_text="Counted from the first day.",
    )
    ends_on = _DayField("Last day", "Empty: as long as chosen, or else for life.")
    notes = NotesField(help_text="What it covers, whom to call.")
    voided = forms.BooleanField(
        label="No longer valid",
        required=False,
        help_text="It stays written down, and nothing reminds of it any more.",
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        bought_on: date | None = None,
        warranty: Warranty | None = None,
        prefix: str | None = None,
    ) -> None:
        first = _stored(warranty) if warranty else {}
        if prefix is None:
            first.setdefault("starts_on", bought_on)
        super().__init__(data, prefix=prefix, initial=first)
        self.warranty, self.bought_on = warranty, bought_on
        if warranty is None:
            del self.fields["voided"]
        for name, field in self.fields.items():
            is_told = data is None or self.add_initial_prefix(name) in data
            field.show_hidden_initial = warranty is not None and is_told

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        values["starts_on"] = values.get("starts_on") or self.bought_on
        length = values.pop("length", "")
        if length and not self.has_error("ends_on"):
            self._last(length)
        first, last = values["starts_on"], values.get("ends_on")
        if first and last and last < first and not self.has_error("starts_on"):
            self.add_error("ends_on", "The last day cannot be before the first.")
        return values

    def values(self) -> dict[str, Any]:
        """Return what is to be stored: all of it, or what was changed of a warranty.

        Without a first day the verbs take that of the purchase.
        """
        values, changed = self.cleaned_data, {*self.changed_data}
        if "length" in changed:
            changed.add("ends_on")
        names = [name for name in values if not self.warranty or name in changed]
        return {name: values[name] for name in names if name != "starts_on" or values[name]}

    def _last(self, length: str) -> None:
        """Set the last day as long as chosen; another one that was typed beside is refused."""
        values = self.cleaned_data
        first = values["starts_on"]
        chosen = None
        if length != LIFE:
            if first is None:
                return
            chosen = guarantees.last_day(first, months=int(length))
        if values.get("ends_on") in {None, chosen} or "ends_on" not in self.changed_data:
            values["ends_on"] = chosen
        else:
            self.add_error("length", "Choose how long, or enter the last day: these two differ.")


def warranty_values(form: WarrantyForm) -> dict[str, Any] | None:
    """Return what a part of another form holds, for the verbs; None when nothing was entered."""
    return form.values() if form.has_changed() else None


def _stored(warranty: Warranty) -> dict[str, Any]:
    names = ("kind", "provider", "starts_on", "ends_on", "notes", "voided")
    return {name: getattr(warranty, name) for name in names}


class CalendarForm(forms.Form):
    """What is to become of the address of a calendar."""

    action = forms.ChoiceField(choices=[("make", "Make"), ("revoke", "Take back")])
