"""Forms of the budget page: they turn text into values and never write."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.http import QueryDict

from budgets import formats, reports
from budgets.fields import MoneyFormField, PercentFormField
from budgets.history import HistoryFilter
from budgets.models import Budget, Cycle
from budgets.money import MAX_LIMIT
from budgets.periods import MAX_CUSTOM_DAYS, Period
from budgets.reports import Span

#: How many past windows can be chosen from the list; older ones by their dates.
PAST_WINDOWS = 24
#: The longest span of days that a breakdown covers.
LONGEST_SPAN = 3_700
FIRST_YEAR, LAST_YEAR = 1970, 2199


class SettingsRules:
    """The rules that bind several settings together, told at the field they concern."""

    def check_settings(self, form: forms.BaseForm) -> None:
        values = form.cleaned_data
        yellow, orange, red = (values.get(name) for name in ("yellow", "orange", "red"))
        if yellow is not None and orange is not None and yellow >= orange:
            form.add_error("orange", "Orange begins above yellow.")
        if orange is not None and red is not None and orange >= red:
            form.add_error("red", "Red begins above orange.")
        if values.get("period") == Period.CUSTOM:
            if values.get("custom_days") is None and "custom_days" not in form.errors:
                form.add_error("custom_days", "Say how many days a custom period has.")
        else:
            # Days that do not count are no reason to refuse anything.
            form.errors.pop("custom_days", None)
            values["custom_days"] = None


class _Percent(PercentFormField):
    def __init__(self, label: str) -> None:
        super().__init__(label=label, min_value=Decimal("0.01"), max_value=Decimal(100))


class CustomDaysField(forms.IntegerField):
    """How many days a custom period has."""

    def __init__(self) -> None:
        super().__init__(
            label="Days of a custom period",
            required=False,
            min_value=1,
            max_value=MAX_CUSTOM_DAYS,
            help_text=f"For a custom period only, 1 to {MAX_CUSTOM_DAYS}.",
            error_messages=dict.fromkeys(
                ("invalid", "min_value", "max_value"), f"Enter 1 to {MAX_CUSTOM_DAYS} days."
            ),
        )


class SettingsForm(SettingsRules, forms.Form):
    """What a member with the right to modify may set."""

    limit = MoneyFormField(label="Limit per period", max_value=MAX_LIMIT)
    period = forms.ChoiceField(choices=[(period.value, period.capitalize()) for period in Period])
    custom_days = CustomDaysField()
    yellow = _Percent("Yellow")
    orange = _Percent("Orange")
    red = _Percent("Red")

    def __init__(
        self,
        data: QueryDict | None,
        *,
        budget: Budget,
        may_modify: bool,
        may_begin_anew: bool,
        has_ceiling: bool,
        special: bool,
    ) -> None:
        super().__init__(data, initial={name: getattr(budget, name) for name in self.base_fields})
        self.budget, self.has_ceiling = budget, has_ceiling
        self.order_fields(["limit", "period", "custom_days", "yellow", "orange", "red"])
        if not may_modify:
            for field in self.fields.values():
                field.disabled = True
        self.fields["limit"].disabled = not may_modify or special
        if may_modify and not may_begin_anew:
            self.fields["period"].disabled = self.fields["custom_days"].disabled = True
            self.fields[
                "period"
            ].help_text = (
                "A new period starts over. While something is spent, ask an administrator."
            )
        if has_ceiling and budget.modify_ceiling is not None:
            ceiling = formats.money(budget.modify_ceiling)
            self.fields["limit"].help_text = f"You may set up to {ceiling}."

    def clean_limit(self) -> Decimal:
        """Hold a new limit to the ceiling; one that an administrator set above it may stay."""
        limit: Decimal = self.cleaned_data["limit"]
        ceiling = self.budget.modify_ceiling
        if self.has_ceiling and ceiling is not None and self.budget.limit != limit > ceiling:
            raise forms.ValidationError(f"Your limit may go up to {formats.money(ceiling)}.")
        return limit

    def clean(self) -> dict[str, Any]:
        self.check_settings(self)
        return self.cleaned_data

    def settings(self) -> dict[str, Any]:
        """Return what was typed, for `ledger.configure`: the fields that could be typed into."""
        return {
            name: self.cleaned_data[name]
            for name, field in self.fields.items()
            if not field.disabled
        }


class ResetForm(forms.Form):
    """Why a budget is started over."""

    reason = forms.CharField(
        max_length=500,
        required=False,
        label="Reason",
        help_text="For your own record and for the administrators. You may leave it empty.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


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


class HistoryForm(_DaysForm):
    """Which entries the history shows."""

    days = ("since", "until")
    provider = forms.ChoiceField(required=False)
    model = forms.ChoiceField(required=False)
    since = _DayField("From")
    until = _DayField("To")

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
