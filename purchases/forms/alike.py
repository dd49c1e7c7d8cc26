"""What is typed that tells one purchase from another."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.http import QueryDict

from occasions.models import Viewer
from purchases.forms.fields import CurrencyField, DayField, PriceField, text


class AlikeForm(forms.Form):
    """What tells one purchase from another: the product, the price and the day."""

    name = text(
        "What was bought",
        255,
        required=True,
        error_messages={"required": "Say what it is.", "max_length": "Use at most 255 characters."},
    )
    price = PriceField(label="Price paid", help_text="For all of it together.")
    currency = CurrencyField(
        widget=forms.TextInput(
            attrs={"list": "currencies", "autocomplete": "off", "autocapitalize": "characters"}
        )
    )
    purchased_on = DayField(
        label="Bought on",
        error_messages={"required": "Choose the day it was bought.", "invalid": "Choose a day."},
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        viewer: Viewer,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.viewer = viewer
        self.fields["purchased_on"].widget.attrs["max"] = viewer.today.isoformat()
        typed = str(self["currency"].value() or "").strip().upper()
        cast(PriceField, self.fields["price"]).currency = typed

    def clean_purchased_on(self) -> Any:
        day = self.cleaned_data["purchased_on"]
        if day > self.viewer.today:
            raise forms.ValidationError("This day is still to come.")
        return day
