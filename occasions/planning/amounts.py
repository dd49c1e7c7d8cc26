"""What a price or a budget may be: nothing but what somebody can type."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from budgets.fields import currency_places
from budgets.money import MAX_AMOUNT, BadAmount, check_places


def check_amounts(values: Mapping[str, Any], *fields: str) -> None:
    """Raise ValidationError for one of `fields` of `values` that is no amount.

    It is from 0 to 99,999,999.99 with at most the decimals of the currency: a finer one would be
    shown, and offered for saving, as another amount than is stored.
    """
    refused = {}
    for field in fields:
        amount = values.get(field)
        if amount is None:
            continue
        if not (amount.is_finite() and 0 <= amount <= MAX_AMOUNT):
            refused[field] = "An amount is from 0 to 99,999,999.99."
            continue
        try:
            check_places(amount, currency_places())
        except BadAmount as refusal:
            refused[field] = str(refusal)
    if refused:
        raise ValidationError(refused)


def check_cost(cost: Decimal) -> None:
    """Raise ValidationError for a gift whose pieces together cost more than an amount may be."""
    if cost > MAX_AMOUNT:
        raise ValidationError({"quantity": "Together that is more than 99,999,999.99."})
