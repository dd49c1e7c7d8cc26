"""The form for a new token of the API."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from people.access import is_administrator
from people.models import ApiToken, Scope, User

ON_A_DAY, NEVER = "day", "never"
LASTING = {
    "30": "30 days",
    "90": "90 days",
    "365": "A year",
    ON_A_DAY: "Until a day that I choose",
    NEVER: "Until I revoke it",
}
#: The last day that can be chosen.
FURTHEST = timedelta(days=10 * 365)
#: How long after a token was made its name, sent again, is taken for the same form sent twice.
A_MOMENT = timedelta(minutes=10)


class TokenForm(forms.ModelForm[ApiToken]):
    """What a new token is called, what it may do, and how long it is good."""

    lasting = forms.ChoiceField(
        label="How long it is good", choices=LASTING, initial="90", widget=forms.RadioSelect
    )
    last_day = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="It ends at midnight after this day, in your time zone.",
    )

    class Meta:
        model = ApiToken
        fields = ["name", "may_read", "may_spend", "may_manage", "for_others"]
        help_texts = {
            "name": "What it is for, such as “Backup script” or “Laptop”.",
            "may_read": "See what you see: figures, lists, papers and downloads.",
            "may_spend": "Record usage, set money aside and enter purchases. What your budget"
            " refuses you, it refuses the program.",
            "may_manage": "Change and delete what you may change and delete. A shop bot needs"
            " Spend; correcting, returning and adding papers later needs Manage.",
            "for_others": "Whoever has this token can spend from every member’s budget. It is meant"
            " for one program that all members go through, such as a gateway to language models."
            " It does so only while you are an administrator.",
        }
        error_messages = {"name": {"required": "Give it a name."}}

    def __init__(self, *args: Any, user: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["may_read"] = True
        self._now = now
        #: The token that this form, or one like it, made a moment ago.
        self.made: ApiToken | None = None
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        if not is_administrator(user):
            del self.fields["for_others"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not any(cleaned.get(f"may_{scope}") for scope in Scope):
            self.add_error("may_read", "Choose at least one thing that the token may do.")
        elif cleaned.get("for_others") and not cleaned.get("may_spend"):
            self.add_error("may_spend", "To spend on behalf of others it must be able to spend.")
        if cleaned.get("lasting") != ON_A_DAY:
            # It is not shown then, and nobody could see what is wrong with it.
            self.errors.pop("last_day", None)
        elif "last_day" not in self.errors:
            self._check(cleaned["last_day"])
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what the verb makes a token of."""
        return {
            "name": self.cleaned_data["name"],
            "scopes": self.instance.scopes,
            "for_others": self.cleaned_data.get("for_others", False),
            "expires_at": self._expires_at(),
        }

    def refuse_name(self, same: ApiToken) -> None:
        """Say that another token has the name, and that this form made it if it was just sent."""
        if self._now - same.created_at < A_MOMENT:
            self.made = same
            self.add_error("name", _made_before(same))
        else:
            self.add_error("name", "You have a token of this name. Choose another one.")

    def _check(self, last_day: date | None) -> None:
        today = timezone.localdate(self._now)
        if last_day is None:
            self.add_error("last_day", "Choose a day.")
        elif last_day < today:
            self.add_error("last_day", "This day has passed.")
        elif last_day > today + FURTHEST:
            self.add_error("last_day", "Choose a day in the next ten years.")

    def _expires_at(self) -> datetime | None:
        lasting = self.cleaned_data["lasting"]
        if lasting == NEVER:
            return None
        if lasting == ON_A_DAY:
            return _end_of(self.cleaned_data["last_day"])
        return self._now + timedelta(days=int(lasting))


def _made_before(token: ApiToken) -> SafeString:
    return format_html(
        "You made “<bdi>{}</bdi>” a moment ago. If you did not copy it,"
        ' <a href="{}">revoke it</a> and create another.',
        token.name,
        reverse("people:token_revoke", args=[token.pk]),
    )


def _end_of(day: date) -> datetime:
    zone = timezone.get_current_timezone()
    return datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)
