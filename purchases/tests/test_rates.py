"""Currencies and exchange rates are exact."""

from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError

from purchases import rates
from purchases.fields import RateFormField
from purchases.models import Purchase
from purchases.tests.factories import PurchaseFactory


@pytest.mark.parametrize(
    ("price", "rate", "currency", "amount"),
    [
        ("80.00", "1.0842", "USD", "86.74"),  # 86.736
        ("0.05", "0.5", "USD", "0.02"),  # 0.025, half to even
        ("0.15", "0.5", "USD", "0.08"),  # 0.075
        ("1000000", "0.0000612345", "USD", "61.23"),
        ("10.00", "157.35", "JPY", "1574"),  # 1573.5
        ("1.00", "1", "KWD", "1.000"),
    ],
)
def test_a_price_is_converted_to_the_currencys_decimals(price, rate, currency, amount):
    converted = rates.convert(Decimal(price), Decimal(rate), currency=currency)
    assert str(converted) == amount


def test_what_is_no_currency_is_not_known():
    assert {"USD", "EUR", "JPY"} <= rates.known()
    assert not {"ZZZ", "XXX", "XTS", "", "usd"} & rates.known()


@pytest.mark.django_db
def test_ten_decimals_are_kept():
    rate = Decimal("0.0000612345")
    purchase = PurchaseFactory(currency="IDR", price=Decimal(1000000), exchange_rate=rate)
    assert Purchase.objects.get(pk=purchase.pk).exchange_rate == rate


@pytest.mark.django_db
def test_a_finer_rate_is_refused_not_rounded():
    with pytest.raises(ValueError, match="more than 10 decimal places"):
        PurchaseFactory(currency="EUR", exchange_rate=Decimal("0.00000000001"))


@pytest.mark.parametrize(
    "text",
    [
        *("0", "-1", "NaN", "Infinity", "1,08", "abc", "1000001", "0.00000000001", "1e99"),
        *("1_0842", "1e3", "\uff11.5", "+1.5", "1.5\n2"),
    ],
)
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(ValidationError):
        RateFormField().clean(text)


@pytest.mark.parametrize("text", ["1.0842", " 2 ", "0.0000612345", "1000000"])
def test_a_rate_is_read_as_it_stands(text):
    assert RateFormField().clean(text) == Decimal(text.strip())


def test_a_rate_is_written_without_zeros_at_its_end():
    class Form(forms.Form):
        rate = RateFormField()

    assert 'value="1.0842"' in Form(initial={"rate": Decimal("1.0842000000")}).as_p()
