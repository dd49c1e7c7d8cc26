"""The account page's form."""

from typing import Any
from zoneinfo import available_timezones

from django import forms

from people.models import User


def timezone_choices() -> list[tuple[str, str]]:
    """Return the IANA zones in the order in which people look for them."""
    names = (name for name in available_timezones() if "/" in name or name == "UTC")
    return [(name, name.replace("_", " ")) for name in sorted(names)]


class AccountForm(forms.ModelForm[User]):
    """What people may change about themselves."""

    timezone = forms.ChoiceField(
        label="Time zone",
        choices=timezone_choices,
        help_text="Your budget's days, weeks and months begin at midnight here.",
    )

    class Meta:
        model = User
        fields = ["first_name", "last_name", "email", "timezone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first_name"].widget.attrs["autocomplete"] = "given-name"
        self.fields["last_name"].widget.attrs["autocomplete"] = "family-name"
        self.fields["email"].widget.attrs["autocomplete"] = "email"
