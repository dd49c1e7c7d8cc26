"""The form that sets everything about a budget that can be set."""

from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from budgets.fields import MoneyFormField, PercentFormField
from budgets.forms.settings import CustomDaysField, SettingsRules
from budgets.models import Budget
from budgets.money import MAX_LIMIT


class MemberMomentField(forms.DateTimeField):
    """A moment as the member's clocks show it, to the minute."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})

    def __init__(self, zone: tzinfo, **kwargs: Any) -> None:
        super().__init__(
            help_text=f"In the member’s time zone ({zone}). Empty: until somebody takes it away.",
            **kwargs,
        )
        self.zone = zone

    def to_python(self, value: Any) -> datetime | None:
        with timezone.override(self.zone):
            return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        with timezone.override(self.zone):
            return super().prepare_value(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what is shown: a stored second that the field hides is no change."""
        if not super().has_changed(initial, data):
            return False
        if isinstance(initial, datetime):
            initial = initial.replace(second=0, microsecond=0)
        return super().has_changed(initial, data)


class ConfigureForm(SettingsRules, forms.ModelForm[Budget]):
    """Everything that `ledger.configure` may set."""

    now: datetime  #: The moment of the request, set by the console.

    custom_days = CustomDaysField()

    class Meta:
        model = Budget
        fields = [
            "limit",
            "custom_limit",
            "custom_limit_until",
            "enforced",
            "period",
            "custom_days",
            "yellow",
            "orange",
            "red",
            "visible_to_user",
            "user_can_modify",
            "user_can_reset",
            "modify_ceiling",
            "admin_notes",
        ]
        help_texts = {
            "period": "A new period or length closes the window and begins another now,"
            " with nothing spent.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, PercentFormField):
                field.min_value = Decimal("0.01")
            elif isinstance(field, MoneyFormField):
                field.max_value = MAX_LIMIT
        self.fields["custom_limit_until"] = MemberMomentField(
            self.instance.zone, label="Special limit until", required=False
        )

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.check_settings(self)
        self._check_special_limit()
        return self.cleaned_data

    def _check_special_limit(self) -> None:
        until = self.cleaned_data.get("custom_limit_until")
        if until is None or "custom_limit" in self.errors:
            return
        if self.cleaned_data.get("custom_limit") is None:
            self.add_error("custom_limit_until", "Enter a special limit too, or leave this empty.")
        elif until <= self.now and {"custom_limit", "custom_limit_until"} & {*self.changed_data}:
            self.add_error("custom_limit_until", "This moment has passed. Choose a later one.")

    def settings(self) -> dict[str, Any]:
        """Return what was changed, for `ledger.configure`."""
        return {name: self.cleaned_data[name] for name in self.changed_data}
