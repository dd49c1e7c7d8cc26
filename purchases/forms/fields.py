"""Fields of the form for a purchase: prices, days, names and tags."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import URLValidator

from budgets.fields import MoneyFormField, currency_places
from budgets.money import MAX_AMOUNT
from purchases import rates
from purchases.keeping.checking import FIRST_DAY
from purchases.keeping.names import checked
from purchases.models.names import MAX_NAME
from purchases.models.purchase import MAX_NOTES
from purchases.naming import tags as read_tags


class PriceField(MoneyFormField):
    """A price above zero, with the decimals of its `currency`, which the form sets."""

    default_error_messages = {"required": "Enter what was paid, for example 12.50."}
    currency = ""

    def __init__(self, **kwargs: Any) -> None:
        # What is not above zero is refused below, in words of its own.
        super().__init__(min_value=-MAX_AMOUNT, **kwargs)

    @property
    def places(self) -> int:
        is_known = self.currency in rates.known()
        return rates.places(self.currency) if is_known else currency_places()

    def to_python(self, value: Any) -> Decimal | None:
        amount = super().to_python(value)
        if amount is not None and amount <= 0:
            raise forms.ValidationError("A price is more than 0.", code="min_value")
        return amount


class CurrencyField(forms.CharField):
    """The code of a currency, in small letters too; "" for none."""

    default_error_messages = {"required": "Enter a currency, like USD."}

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").upper()

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and value not in rates.known():
            raise forms.ValidationError(f"“{value[:10]}” is no currency; USD or EUR is.")


class DayField(forms.DateField):
    """A day since the ledger began."""

    default_error_messages = {"invalid": "Choose a day."}

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"type": "date", "min": FIRST_DAY.isoformat()}
        super().__init__(widget=forms.DateInput(format="%Y-%m-%d", attrs=attrs), **kwargs)

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and value < FIRST_DAY:
            raise forms.ValidationError(f"Enter a day from {FIRST_DAY.year} on.")


class SpanForm(forms.Form):
    """Which days are asked for, both included; either may be left open."""

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", "The last day comes before the first.")
        return self.cleaned_data


def asked_day(label: str) -> forms.DateField:
    """Return a field for one of the days of a `SpanForm`."""
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "Choose a day, as year-month-day."},
    )


class LinkField(forms.URLField):
    """An address on the web, and nothing that a browser would run."""

    default_validators = [URLValidator(schemes=["http", "https"])]
    default_error_messages = {"invalid": "Enter an address that begins with https:// or http://."}


class NotesField(forms.CharField):
    """A text of several lines; browsers end each with two characters, of which one is kept."""

    default_error_messages = {"max_length": f"Use at most {MAX_NOTES:,} characters."}

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 3})
        super().__init__(required=False, max_length=MAX_NOTES, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")

    def has_changed(self, initial: Any, data: Any) -> bool:
        # What an import brought may end its lines, and itself, in another way.
        return super().has_changed(self.to_python(initial), data)


class NameField(forms.CharField):
    """The name of a retailer or a brand, known or new; the list `names` has some to choose from."""

    def __init__(self, *, names: str, **kwargs: Any) -> None:
        attrs = {"list": names, "autocomplete": "off", "maxlength": MAX_NAME}
        super().__init__(required=False, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> str:
        name = super().clean(value)
        return checked(name) if name else ""


class TagsField(forms.CharField):
    """Tags between commas; scripts make chips of them."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "off", "data-chips": "tags"}
        super().__init__(required=False, widget=forms.TextInput(attrs=attrs), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return [checked(name) for name in read_tags(super().clean(value))]


def text(label: str, longest: int, **kwargs: Any) -> forms.CharField:
    """Return an optional field for a short text."""
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    kept = {"max_length": f"Use at most {longest:,} characters."}
    return forms.CharField(
        label=label,
        max_length=longest,
        widget=widget,
        **{"required": False, "error_messages": kept, **kwargs},
    )
