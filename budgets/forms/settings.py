"""Forms for a budget's settings, and for starting it over."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from budgets import formats
from budgets.fields import MoneyFormField, PercentFormField
from budgets.models import Budget
from budgets.money import MAX_LIMIT
from budgets.periods import MAX_CUSTOM_DAYS, Period

#: Why the period stays as it is for who may not start over.
STARTS_OVER = "A new period starts over. While something is spent, ask an administrator."


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
            self.fields["period"].help_text = STARTS_OVER
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
