"""Forms of a query string: which days, windows and postings somebody wants to see."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.http import QueryDict

from budgets import reports
from budgets.history import HistoryFilter
from budgets.models import Budget, Cycle
from budgets.reports import Span

#: How many past windows can be chosen from the list; older ones by their dates.
PAST_WINDOWS = 24
#: The longest span of days that a breakdown covers.
LONGEST_SPAN = 3_700
FIRST_YEAR, LAST_YEAR = 1970, 2199


class _DayField(forms.DateField):
    """A day that a ledger may hold entries on."""

    def __init__(self, label: str) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(label=label, required=False, widget=widget)

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise forms.ValidationError(f"Choose a day between {FIRST_YEAR} and {LAST_YEAR}.")


class _DaysForm(forms.Form):
    """A form of a query string with two days, the first not after the last."""

    days: tuple[str, str]

    def clean(self) -> dict[str, Any]:
        first, last = (self.cleaned_data.get(name) for name in self.days)
        if first and last and first > last:
            self.add_error(self.days[1], "The last day comes before the first.")
        return self.cleaned_data


class BreakdownForm(_DaysForm):
    """Which window or days a breakdown covers; the days win over the window."""

    days = ("from", "to")

    def __init__(
        self, data: QueryDict, *, budget: Budget, shown: Cycle, closed: Sequence[Cycle]
    ) -> None:
        super().__init__(data, auto_id="breakdown_%s")
        self.budget, self.shown, self.closed = budget, shown, closed
        self.fields["window"] = forms.ChoiceField(required=False, choices=self._windows())
        # "from" is a keyword of Python, so it cannot be a class attribute.
        self.fields["from"] = _DayField("or from")
        self.fields["to"] = _DayField("to")

    def _windows(self) -> list[tuple[Any, str]]:
        past = [*self.closed]
        if not self.shown.is_open and self.shown not in past:
            past.append(self.shown)
        labels = ((cycle.pk, Span.of_cycle(cycle, self.budget).label) for cycle in past)
        return [("", "This window"), *labels]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        first, last = values.get("from"), values.get("to")
        if first and last and (last - first).days > LONGEST_SPAN:
            self.add_error("to", "Choose at most ten years.")
        return values

    def span(self, today: date) -> Span:
        """Return what was asked for; the window when no days were, or none that can be read."""
        values = self.cleaned_data if self.is_valid() else {}
        first, last = values.get("from"), values.get("to")
        if first and last:
            return Span(first, last)
        if first:
            return Span(first, max(first, min(today, first + timedelta(days=LONGEST_SPAN))))
        if last:
            return Span(last.replace(day=1), last)
        return Span.of_cycle(self.shown, self.budget)


class PostedForm(_DaysForm):
    """Between which days something was posted."""

    days = ("since", "until")
    since = _DayField("From")
    until = _DayField("To")


class HistoryForm(PostedForm):
    """Which entries the history shows."""

    provider = forms.ChoiceField(required=False)
    model = forms.ChoiceField(required=False)
    field_order = ("provider", "model", "since", "until")

    def __init__(self, data: QueryDict, *, budget: Budget) -> None:
        super().__init__(data, auto_id="history_%s")
        for field, choices in zip(("provider", "model"), reports.names(budget), strict=True):
            select = cast(forms.ChoiceField, self.fields[field])
            select.choices = [("", f"All {field}s"), *((name, name) for name in choices)]

    def asked(self) -> HistoryFilter:
        """Return the filter; what could not be read filters nothing and is told at its field."""
        values = self.cleaned_data if self.is_valid() else {}
        return HistoryFilter(
            **{name: values.get(name) or default for name, default in _ALL.items()}
        )


_ALL: dict[str, Any] = {"provider": "", "model": "", "since": None, "until": None}
