"""Splits: the parts always add up to the whole."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgets.splits import percentages, split

weights = st.lists(
    st.one_of(
        st.integers(min_value=0, max_value=10**30),
        st.decimals(min_value=0, max_value=10**9, allow_nan=False, allow_infinity=False),
    ),
    min_size=1,
    max_size=12,
)


@pytest.mark.parametrize(
    ("total", "by", "parts"),
    [
        (10_001, [1, 1], [5_001, 5_000]),
        (100, [1, 1, 1], [34, 33, 33]),
        (100, [1, 2], [33, 67]),
        (2, [1, 1, 1], [1, 1, 0]),
        (7, [0, 1], [0, 7]),
        (7, [0, 0], [0, 0]),
        (0, [3, 4], [0, 0]),
        (-5, [1, 1], [-2, -3]),
        (10, [Decimal("0.5"), Decimal("1.5")], [3, 7]),
        (5, [], []),
    ],
)
def test_left_over_units_go_to_the_largest_remainders_and_earlier_ones_first(total, by, parts):
    assert split(total, by) == parts


@given(total=st.integers(min_value=-(10**15), max_value=10**15), by=weights)
def test_parts_add_up_and_each_is_its_share_give_or_take_one_unit(total, by):
    parts = split(total, by)
    if any(by):
        assert sum(parts) == total
        whole = sum(Decimal(weight) for weight in by)
        for part, weight in zip(parts, by, strict=True):
            assert abs(part - Decimal(total) * Decimal(weight) / whole) <= 1
    else:
        assert parts == [0] * len(by)


def test_a_weight_is_never_negative():
    with pytest.raises(ValueError, match="weights cannot be negative"):
        split(10, [1, -1])


@given(st.lists(st.decimals(min_value=-1000, max_value=100_000, places=6), min_size=1, max_size=20))
def test_shares_in_percent_are_together_exactly_one_hundred(amounts):
    shares = percentages(amounts)
    assert sum(shares) == (Decimal("100.00") if any(a > 0 for a in amounts) else 0)
    assert all(share == 0 for share, a in zip(shares, amounts, strict=True) if a <= 0)


def test_a_refund_has_no_share():
    assert percentages([Decimal(2), Decimal(-5), Decimal(1)]) == [
        Decimal("66.67"),
        Decimal("0.00"),
        Decimal("33.33"),
    ]
