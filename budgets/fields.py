"""Exact decimals in the database: whole micro-units of money, whole hundredths of a percent.

SQLite keeps NUMERIC as a binary float, so a DecimalField is not exact there. These fields keep an
integer and speak `Decimal` to Python, forms, the admin, aggregates and `F()` arithmetic.
"""

from decimal import Decimal
from typing import Any

from babel.numbers import get_currency_precision
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Combinable, Value, register_combinable_fields

from budgets import money


def currency_places() -> int:
    """Return how many decimals people use in the base currency (2 for USD, 0 for JPY)."""
    return get_currency_precision(settings.CURRENCY)


class ScaledField(models.Field[Any, Any]):
    """A Decimal kept as a whole number of 10 ** -scale."""

    scale: int

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def from_db_value(
        self, value: int | Decimal | None, expression: object, connection: object
    ) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.scale)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise ValidationError("Money is never a float.", code="invalid")
        try:
            number = Decimal(value)
            self._units(number)
        except money.BadAmount as refusal:
            raise ValidationError(str(refusal), code="invalid") from None
        except ArithmeticError:
            raise ValidationError("Enter an amount like 12.50.", code="invalid") from None
        return number

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return self._units(Decimal(value) if isinstance(value, str) else value)

    def _units(self, value: Decimal | int) -> int:
        """Return `value` as the whole number that is stored, or raise BadAmount."""
        micros = money.to_micros(value)
        units, rest = divmod(micros, 10 ** (money.PLACES - self.scale))
        if rest:
            raise money.BadAmount(f"{value} has more than {self.scale} decimal places.")
        return units

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else f"{value:f}"


class MoneyField(ScaledField):
    """An amount of the base currency, exact to the micro-unit.

    Usage costs keep all six places; what a person types into a form keeps the currency's own.
    """

    description = "Exact amount of money"
    scale = money.PLACES

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"form_class": MoneyFormField, **kwargs})


class PercentField(ScaledField):
    """A percentage with two decimals, kept as whole hundredths."""

    description = "Percentage with two decimals"
    scale = 2

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        defaults = {"form_class": PercentFormField, "max_value": Decimal(100)}
        return super().formfield(**{**defaults, **kwargs})


register_combinable_fields(MoneyField, Combinable.ADD, MoneyField, MoneyField)
register_combinable_fields(MoneyField, Combinable.SUB, MoneyField, MoneyField)
register_combinable_fields(MoneyField, Combinable.MUL, models.IntegerField, MoneyField)


def money_value(amount: Decimal | int) -> Value:
    """Wrap `amount` for arithmetic with `F()`.

    A bare `F("spent") + Decimal("0.1")` would add 0.1 micro-units without a word.
    """
    return Value(amount, output_field=MoneyField())


class MoneyFormField(forms.Field):
    """A text field for an amount: refuses what it cannot read, never rounds."""

    widget = forms.TextInput
    default_error_messages = {"required": "Enter an amount, for example 12.50."}
    #: What is said of text that cannot be read; the parser's own words when empty.
    unreadable = ""

    def __init__(
        self,
        *,
        min_value: Decimal = Decimal(0),
        max_value: Decimal = money.MAX_AMOUNT,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.min_value, self.max_value = min_value, max_value

    @property
    def places(self) -> int:
        return currency_places()

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off", "class": "num"}

    def prepare_value(self, value: Any) -> Any:
        return money.typed(value, places=self.places) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Decimal | None:
        if value in self.empty_values:
            return None
        if isinstance(value, Decimal):
            return value
        try:
            amount = money.parse(str(value), places=self.places)
        except money.BadAmount as refusal:
            raise ValidationError(self.unreadable or str(refusal), code="invalid") from None
        if amount < self.min_value:
            raise ValidationError(f"Enter {self.min_value} or more.", code="min_value")
        if amount > self.max_value:
            raise ValidationError(f"Enter at most {self.max_value:,}.", code="max_value")
        return amount

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(data) != initial
        except ValidationError:
            return True


class PercentFormField(MoneyFormField):
    """A text field for a percentage with at most two decimals."""

    default_error_messages = {"required": "Enter a percentage, for example 75."}
    unreadable = "Enter a percentage like 75 or 82.5, with at most 2 decimal places."

    @property
    def places(self) -> int:
        return 2

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value
