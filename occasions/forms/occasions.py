"""What is typed about occasions: what they are, and which holidays are put on the calendar."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from babel import Locale
from django import forms
from django.conf import settings
from django.http import QueryDict

from budgets.fields import MoneyFormField
from occasions.calendars import Holiday, countries
from occasions.models import Occasion
from people.models import Person

FIRST_YEAR, LAST_YEAR = 1900, 2199
_RANGE = f"Choose a day between {FIRST_YEAR} and {LAST_YEAR}."


class _DayField(forms.DateField):
    """The day of an occasion."""

    def __init__(self) -> None:
        attrs = {"type": "date", "min": f"{FIRST_YEAR}-01-01", "max": f"{LAST_YEAR}-12-31"}
        super().__init__(
            widget=forms.DateInput(format="%Y-%m-%d", attrs=attrs),
            error_messages={"required": "Choose a day.", "invalid": _RANGE},
        )

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise forms.ValidationError(_RANGE)


class OccasionForm(forms.Form):
    """Everything about one occasion but its cards; a new one is given its list of people here.

    Each field carries along what it showed at first, so that only what was changed here is
    written: somebody else may be changing another field of the same occasion.
    """

    name = forms.CharField(
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give it a name."},
    )
    kind = forms.ChoiceField(choices=Occasion.Kind.choices)
    date = _DayField()
    repeats_yearly = forms.BooleanField(
        label="Comes back every year",
        required=False,
        help_text="The next year opens by itself, with the same people and fresh budgets.",
    )
    budget_total = MoneyFormField(
        label="Budget for everything",
        required=False,
        help_text="Leave it empty for no limit. Zero means that nothing is spent.",
    )
    description = forms.CharField(
        required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    people = forms.ModelMultipleChoiceField(
        Person.objects.all(),
        label="Who gets gifts?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, data: QueryDict | None, *, occasion: Occasion, kept: Mapping[str, str]
    ) -> None:
        names = self.base_fields.keys() - {"people"}
        super().__init__(data, initial={name: getattr(occasion, name) for name in names})
        self.is_new = not occasion.pk
        if not self.is_new:
            del self.fields["people"]
        for name in names:
            is_told = data is None or self.add_initial_prefix(name) in data
            self.fields[name].show_hidden_initial = not self.is_new and is_told
            self.fields[name].disabled = name in kept

    def values(self) -> dict[str, Any]:
        """Return what is new, or what was changed, for `planning.change_occasion`."""
        names = self.fields.keys() - {"people"} if self.is_new else self.changed_data
        return {name: self.cleaned_data[name] for name in names}


def settled(occasion: Occasion) -> dict[str, str]:
    """Say, for each field of an occasion that nobody changes any more, why."""
    kept = {}
    if occasion.celebrates:
        whose = f"{occasion.celebrates}’s {occasion.get_kind_display().lower()}"
        kept["kind"] = f"This is {whose}, and stays one."
    if getattr(occasion, "next", None):
        kept["repeats_yearly"] = "A later year is on the calendar: what comes next hangs on that."
    return kept


def home_country() -> str:
    """Return the code of the country whose numbers and dates are written here; "" for none."""
    territory = Locale.parse(settings.LOCALE).territory or ""
    return territory if territory in dict(countries()) else ""


class CountryForm(forms.Form):
    """The country whose holidays are shown."""

    country = forms.ChoiceField(choices=lambda: [("", "Choose a country"), *countries()])


class HolidaysForm(forms.Form):
    """Which holidays of a country are put on the calendar."""

    chosen = forms.MultipleChoiceField(
        error_messages={
            "required": "Choose at least one holiday.",
            "invalid_choice": "“%(value)s” is not a holiday of this country.",
        }
    )

    def __init__(self, data: QueryDict | None, *, holidays: Sequence[Holiday]) -> None:
        super().__init__(data)
        self.holidays = holidays
        field = cast(forms.MultipleChoiceField, self.fields["chosen"])
        field.choices = [(holiday.name, holiday.name) for holiday in holidays]

    @property
    def ticked(self) -> set[str]:
        """The names that stand ticked on the page."""
        return set(self["chosen"].value() or ())

    def wanted(self) -> list[Holiday]:
        """Return the holidays that were chosen."""
        return [day for day in self.holidays if day.name in self.cleaned_data["chosen"]]
