"""Money in the database: exact in SQL, and never a float, never rounded on the way."""

import ast
from decimal import Decimal
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Sum

from budgets.fields import (
    MoneyField,
    MoneyFormField,
    PercentField,
    PercentFormField,
    money_value,
)
from budgets.models import Budget, Cycle, Entry
from budgets.money import BadAmount
from budgets.tests.factories import make_budget, record

NOT_EXACT = [
    Decimal("0.0000001"),
    Decimal("0.123456000000000000000000000001"),
    Decimal("NaN"),
    Decimal("Infinity"),
    Decimal("1e30"),
]


@pytest.fixture
def cycle(db):
    return Cycle.objects.get(budget=make_budget())


def stored(cycle):
    return Cycle.objects.get(pk=cycle.pk)


def test_ten_and_twenty_cents_are_no_more_than_thirty_inside_sql(cycle):
    Cycle.objects.filter(pk=cycle.pk).update(
        limit=Decimal("0.30"), spent=Decimal("0.10"), held=Decimal("0.20")
    )
    fits = Cycle.objects.filter(pk=cycle.pk, limit__gte=F("spent") + F("held"))
    assert fits.exists()
    assert fits.annotate(rest=F("limit") - F("spent") - F("held")).get().rest == 0


def test_ten_entries_of_fifteen_cents_sum_to_one_and_a_half_inside_sql(cycle):
    budget = make_budget()
    for _ in range(10):
        record(budget, "0.15")
    total = Entry.objects.filter(budget=budget).aggregate(sum=Sum("amount"))["sum"]
    assert isinstance(total, Decimal)
    assert total == Decimal("1.50")


def test_an_amount_is_added_in_its_own_unit(cycle):
    for _ in range(10):
        Cycle.objects.filter(pk=cycle.pk).update(spent=F("spent") + money_value(Decimal("0.1")))
    assert stored(cycle).spent == Decimal("1.0")
    Cycle.objects.filter(pk=cycle.pk).update(spent=F("spent") - money_value(1))
    assert stored(cycle).spent == 0


@pytest.mark.parametrize(
    "amount", ["99999999.99", "0.000001", "-0.000001", "999999999999.999999", "0"]
)
def test_amounts_come_back_as_they_went_in(cycle, amount):
    Cycle.objects.filter(pk=cycle.pk).update(spent=Decimal(amount))
    back = stored(cycle).spent
    assert isinstance(back, Decimal)
    assert back == Decimal(amount)
    assert Cycle.objects.filter(spent=Decimal(amount)).exists()


def test_comparisons_see_a_micro_unit(cycle):
    Cycle.objects.filter(pk=cycle.pk).update(spent=Decimal("99999999.990001"))
    assert Cycle.objects.filter(spent__gt=Decimal("99999999.99")).exists()
    assert not Cycle.objects.filter(spent__gt=Decimal("99999999.990001")).exists()


@pytest.mark.parametrize("amount", [0.1, 1.0])
def test_floats_are_refused(cycle, amount):
    with pytest.raises(TypeError), transaction.atomic():
        Cycle.objects.filter(pk=cycle.pk).update(spent=amount)
    with pytest.raises(TypeError), transaction.atomic():
        Cycle.objects.filter(spent__gte=amount).exists()
    with pytest.raises(TypeError), transaction.atomic():
        Cycle.objects.update(spent=F("spent") + money_value(amount))
    with pytest.raises(ValidationError):
        MoneyField().clean(amount, None)


@pytest.mark.parametrize("amount", NOT_EXACT)
def test_what_cannot_be_stored_exactly_is_refused_and_never_rounded(cycle, amount):
    with pytest.raises(BadAmount), transaction.atomic():
        Cycle.objects.filter(pk=cycle.pk).update(spent=amount)
    with pytest.raises(BadAmount), transaction.atomic():
        Cycle.objects.update(spent=F("spent") + money_value(amount))
    assert stored(cycle).spent == 0


@pytest.mark.parametrize("amount", [*NOT_EXACT, "abc", "", "1e30", 10**30, True, b"1"])
def test_a_bad_amount_is_an_error_at_its_field(db, amount):
    budget = make_budget()
    budget.limit = amount
    with pytest.raises(ValidationError) as refusal:
        budget.full_clean()
    assert refusal.value.message_dict["limit"]


def test_a_percentage_has_two_decimals():
    assert PercentField().clean("75.25", None) == Decimal("75.25")
    with pytest.raises(ValidationError):
        PercentField().clean(Decimal("75.255"), None)


def test_percentages_come_back_as_they_went_in(db):
    budget = make_budget()
    Budget.objects.filter(pk=budget.pk).update(yellow=Decimal("33.33"))
    assert Budget.objects.get(yellow__lt=Decimal("33.34")).yellow == Decimal("33.33")


def test_money_serialises_as_a_plain_decimal_text(cycle):
    cycle.spent = Decimal("1E+3")
    assert Cycle._meta.get_field("spent").value_to_string(cycle) == "1000"
    cycle.spent = Decimal("0.000001")
    assert Cycle._meta.get_field("spent").value_to_string(cycle) == "0.000001"


# --- In forms ------------------------------------------------------------------------------------


def test_a_form_reads_what_is_typed():
    assert MoneyFormField().clean("1,200.50") == Decimal("1200.50")
    assert MoneyFormField().clean("99,999,999.99") == Decimal("99999999.99")
    assert MoneyFormField(required=False).clean("") is None
    assert PercentFormField(max_value=Decimal(100)).clean("75.25") == Decimal("75.25")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Enter an amount, for example 12.50."),
        ("abc", "Enter an amount like 12.50."),
        ("1.234,56", "Enter an amount like 12.50."),
        ("1e30", "Enter an amount like 12.50."),
        ("NaN", "Enter an amount like 12.50."),
        ("Infinity", "Enter an amount like 12.50."),
        ("10.005", "Use at most 2 decimal places."),
        ("100,000,000", "That is more than 99,999,999.99."),
        ("-0.01", "Enter 0 or more."),
        ("1000.01", "Enter at most 1,000."),
    ],
)
def test_a_form_says_what_is_wrong_with_an_amount(text, message):
    with pytest.raises(ValidationError) as refusal:
        MoneyFormField(max_value=Decimal(1000)).clean(text)
    assert refusal.value.messages == [message]


def test_a_form_keeps_the_places_of_the_currency(settings):
    settings.CURRENCY = "JPY"
    assert MoneyFormField().clean("1,200") == 1200
    assert MoneyFormField().prepare_value(Decimal("1200.000000")) == "1200"
    with pytest.raises(ValidationError, match="Use a whole number"):
        MoneyFormField().clean("1200.5")


def test_a_form_shows_a_stored_amount_as_people_write_it_and_a_refused_text_as_typed():
    assert MoneyFormField().prepare_value(Decimal("30.000000")) == "30.00"
    assert MoneyFormField().prepare_value("1.234,56") == "1.234,56"
    assert PercentFormField().prepare_value(Decimal("75.00")) == "75"
    assert PercentFormField().prepare_value(Decimal("100.00")) == "100"
    assert PercentFormField().prepare_value(Decimal("33.30")) == "33.3"


def test_a_form_knows_whether_an_amount_was_changed():
    field = MoneyFormField()
    assert not field.has_changed(Decimal("30.000000"), "30")
    assert field.has_changed(Decimal("30.000000"), "30.01")
    assert field.has_changed(Decimal("30.000000"), "thirty")


def test_model_fields_bring_their_form_fields():
    field = Budget._meta.get_field("limit").formfield()
    assert isinstance(field, MoneyFormField)
    assert isinstance(Budget._meta.get_field("red").formfield(), PercentFormField)
    assert field.widget.attrs["inputmode"] == "decimal"


# --- In the source -------------------------------------------------------------------------------

#: What may stand beside an F() of a money field in a sum or difference.
_IN_MICRO_UNITS = {"F", "money_value", "Case", "Coalesce", "Sum"}


def _money_names():
    return {
        field.name
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, MoneyField | PercentField)
    }


def _called(node):
    if not isinstance(node, ast.Call):
        return None
    return (
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
    )


def _is_money(node, names):
    """Tell whether the expression holds an F() of a money field as a term."""
    if isinstance(node, ast.BinOp):
        return _is_money(node.left, names) or _is_money(node.right, names)
    if _called(node) != "F" or not node.args or not isinstance(node.args[0], ast.Constant):
        return False
    return str(node.args[0].value).rsplit("__", 1)[-1] in names


def _is_wrapped(node):
    if isinstance(node, ast.BinOp):
        return _is_wrapped(node.left) and _is_wrapped(node.right)
    return _called(node) in _IN_MICRO_UNITS


def bare_amounts(source, names):
    """Return the lines on which money in the database meets a number of another unit."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Add | ast.Sub)
        and _is_money(node, names)
        and not _is_wrapped(node)
    ]


@pytest.mark.parametrize(
    "source",
    [
        'F("spent") + Decimal("0.1")',
        'F("spent") + amount',
        '1 - F("held")',
        'models.F("open__spent") - 5',
        'F("spent") + F("held") + posting.amount',
        'F("spent") + Value(1)',
    ],
)
def test_the_search_below_finds_an_amount_without_its_unit(source):
    assert bare_amounts(source, {"spent", "held"}) == [1]


@pytest.mark.parametrize(
    "source",
    [
        'F("spent") + money_value(amount)',
        'F("spent") + F("held") - F("spent")',
        'F("spent") + Case(When(pk=1, then=money_value(1)))',
        'F("count") + 1',
        "spent + amount",
    ],
)
def test_the_search_below_lets_amounts_with_their_unit_pass(source):
    assert bare_amounts(source, {"spent", "held"}) == []


def test_nothing_in_the_project_adds_a_bare_number_to_money_in_the_database():
    names = _money_names()
    assert {"spent", "held", "limit", "amount"} <= names
    root = Path(settings.BASE_DIR)
    files = [
        path
        for app in ("config", "people", "budgets")
        for path in (root / app).rglob("*.py")
        if path != Path(__file__)
    ]
    assert root / "budgets/ledger/ingesting.py" in files
    found = {
        str(path.relative_to(root)): lines
        for path in files
        if (lines := bare_amounts(path.read_text(encoding="utf-8"), names))
    }
    assert found == {}
