"""Exchange rates, exact in the database and in forms."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from budgets.fields import ScaledField
from budgets.money import BadAmount
from purchases import rates

UNREADABLE = "Enter a rate above zero like 1.0842, with at most 10 decimal places."


class RateField(ScaledField):
    """How much one unit of a currency is worth in the base currency, with ten decimals."""

    description = "Exchange rate"
    scale = rates.PLACES

    def _units(self, value: Decimal | int) -> int:
        if isinstance(value, bool) or not isinstance(value, Decimal | int):
            raise TypeError(f"a rate is Decimal or int, not {type(value).__name__}")
        rate = Decimal(value)
        if not rate.is_finite() or abs(rate) > rates.LARGEST:
            raise BadAmount(f"{value} is not an exchange rate.")
        scaled = rate.scaleb(self.scale)
        if scaled != int(scaled):
            raise BadAmount(f"{value} has more than {self.scale} decimal places.")
        return int(scaled)

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"form_class": RateFormField, **kwargs})


class RateFormField(forms.Field):
    """A text field for an exchange rate: refuses what it cannot read, never rounds."""

    widget = forms.TextInput
    default_error_messages = {"required": UNREADABLE}

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off", "class": "num"}

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values:
            return None
        text = str(self.prepare_value(value)).strip()
        if not re.fullmatch(rates.WRITTEN, text) or not 0 < Decimal(text) <= rates.LARGEST:
            raise ValidationError(UNREADABLE, code="invalid")
        return Decimal(text)
