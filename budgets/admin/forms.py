"""Forms of the console's bulk actions: they turn text into values and never write."""

from typing import Any

from django import forms

from budgets.admin.columns import PERMISSIONS
from budgets.fields import MoneyFormField
from budgets.money import MAX_LIMIT


class LimitForm(forms.Form):
    """One limit for several budgets."""

    limit = MoneyFormField(label="New limit per period", max_value=MAX_LIMIT)


class PermissionsForm(forms.Form):
    """What several members may do with their budgets: each permission left, granted or revoked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, word in PERMISSIONS.items():
            self.fields[name] = forms.ChoiceField(
                label=word,
                choices=[("leave", "Leave as it is"), ("grant", "Grant"), ("revoke", "Revoke")],
                initial="leave",
                widget=forms.RadioSelect,
            )

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors and not self.settings():
            raise forms.ValidationError("Choose at least one permission to grant or revoke.")
        return self.cleaned_data

    def settings(self) -> dict[str, bool]:
        """Return the permissions to set, for `ledger.configure`."""
        return {
            name: choice == "grant"
            for name, choice in self.cleaned_data.items()
            if choice != "leave"
        }


class StartOverForm(forms.Form):
    """Why several budgets are started over."""

    reason = forms.CharField(
        max_length=500,
        error_messages={"required": "Say why, for the record."},
        help_text="Members and administrators read it beside the reset.",
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )
