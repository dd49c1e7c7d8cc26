"""What is asked before something is done that cannot be taken lightly."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from people.models import User


class PasswordForm(forms.Form):
    """Asks for the password once more, so that an open browser is not enough."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self._user.check_password(password):
            raise ValidationError("This is not your password.")
        return password


class ConfirmedForm(PasswordForm):
    """Asks besides for `words` to be typed, so that nobody does it by a slip of the hand."""

    confirmation = forms.CharField(
        max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )
    field_order = ["confirmation", "password"]

    def __init__(self, *args: Any, words: str, hint: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._words = words
        self.fields["confirmation"].label = f"Type “{words}”"
        self.fields["confirmation"].help_text = hint

    def clean_confirmation(self) -> str:
        typed = " ".join(self.cleaned_data["confirmation"].split())
        if typed.casefold() != self._words.casefold():
            raise ValidationError(f"Type “{self._words}” here, without the quotes.")
        return typed
