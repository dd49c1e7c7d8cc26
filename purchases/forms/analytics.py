"""What is asked of the analytics page: which days, which currency, whose purchases."""

from collections.abc import Iterable
from datetime import date
from typing import cast

from django import forms
from django.http import QueryDict

from occasions.models import Viewer
from purchases import rates
from purchases.analysis import Card, Scope
from purchases.formats import currency_name
from purchases.forms.fields import CurrencyField, SpanForm, asked_day

MINE = "mine"


class AnalyticsForm(SpanForm):
    """Which purchases the figures are about, and in which currency.

    What cannot be read is told at its field and asks for nothing.
    """

    since = asked_day("From")
    until = asked_day("To")
    currency = CurrencyField(required=False, widget=forms.Select)
    whose = forms.ChoiceField(
        required=False,
        choices=[("all", "Everybody’s"), (MINE, "Only mine")],
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.is_valid()  # reads the fields; those that cannot be read ask for nothing

    def scope(self, viewer: Viewer) -> Scope:
        """Return the purchases that are asked for."""
        asked = self.cleaned_data
        is_mine = asked.get("whose") == MINE
        return Scope(viewer, self._day("since"), self._day("until"), is_mine)

    @property
    def is_asking(self) -> bool:
        """Whether the address asks for something, readable or not."""
        return bool(self.errors or any(self.data.get(name) for name in self.fields))

    @property
    def code(self) -> str:
        """The currency that is asked for, or ""."""
        return str(self.cleaned_data.get("currency", ""))

    def offer(self, codes: Iterable[str]) -> None:
        """Let the currencies `codes` be chosen, the first when none is; what was typed stays."""
        typed = str(self.data.get("currency", ""))
        asked = typed.strip().upper()
        offered = dict.fromkeys([*codes, asked] if asked else codes)
        cast(forms.Select, self.fields["currency"].widget).choices = [
            (typed if code == asked else code, _named(code)) for code in offered
        ]

    def _day(self, name: str) -> date | None:
        return cast(date | None, self.cleaned_data.get(name))


def _named(code: str) -> str:
    return f"{code}, {currency_name(code)}" if code in rates.known() else code[:10]


class CardsForm(forms.Form):
    """Which card is put away, and which one comes back; what is no card is neither."""

    hide = forms.ChoiceField(required=False, choices=[(card, card.heading) for card in Card])
    show = forms.ChoiceField(required=False, choices=[(card, card.heading) for card in Card])

    def names(self, field: str) -> list[str]:
        """Return the card that is in `field`, if any."""
        self.is_valid()  # reads the fields; those that cannot be read are not among the values
        return [name for name in [self.cleaned_data.get(field)] if name]
