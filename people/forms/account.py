"""The account page's form."""

from functools import cache
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms

from people.models import User


@cache
def _places() -> frozenset[str]:
    """Return the IANA zones that people know by a place; finding them reads hundreds of files."""
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


def timezone_choices(current: str) -> list[tuple[str, str]]:
    """Return the zones in the order in which people look for them, the `current` one included."""
    return [(name, name.replace("_", " ")) for name in sorted(_places() | {current})]


class AccountForm(forms.ModelForm[User]):
    """What people may change about themselves."""

    timezone = forms.ChoiceField(
        label="Time zone",
        help_text="Your budget's days, weeks and months begin at midnight here.",
    )

    class Meta:
        model = User
        fields = ["first_name", "last_name", "email", "timezone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = cast(forms.ChoiceField, self.fields["timezone"])
        zone.choices = timezone_choices(self.instance.timezone)
        self.fields["first_name"].widget.attrs["autocomplete"] = "given-name"
        self.fields["last_name"].widget.attrs["autocomplete"] = "family-name"
        self.fields["email"].widget.attrs["autocomplete"] = "email"
