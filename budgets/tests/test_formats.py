"""How amounts, days and levels read, in more than one language region."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from budgets import formats
from budgets.levels import Standing, Thresholds

NEW_YORK = ZoneInfo("America/New_York")


def there(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=NEW_YORK)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("12.5", "$12.50"),
        ("1234567.891", "$1,234,567.89"),
        ("0", "$0.00"),
        ("-3.2", "−$3.20"),
        ("0.000001", "<$0.01"),
        ("-0.001", ">−$0.01"),
    ],
)
def test_money_is_written_with_the_currencys_places_and_never_as_a_false_zero(amount, text):
    assert formats.money(Decimal(amount)) == text


def test_the_cost_of_a_request_has_four_places():
    assert formats.cost(Decimal("0.012345")) == "$0.0123"
    assert formats.cost(Decimal("12.500000")) == "$12.50"
    assert formats.cost(Decimal("0.00001")) == "<$0.0001"


@pytest.mark.parametrize(
    ("locale", "currency", "text"),
    [
        ("de_DE", "EUR", "1.234,50\N{NO-BREAK SPACE}€"),
        ("sv_SE", "SEK", "1\N{NO-BREAK SPACE}234,50\N{NO-BREAK SPACE}kr"),
        ("ja_JP", "JPY", "￥1,234"),
    ],
)
def test_the_region_and_the_currency_decide(settings, locale, currency, text):
    settings.LOCALE, settings.CURRENCY = locale, currency
    assert formats.money(Decimal("1234.5")) == text


def test_percentages_keep_their_places():
    assert formats.percent(Decimal("5.0")) == "5.0%"
    assert formats.percent(Decimal("33.34")) == "33.34%"
    assert formats.percent(None) == "–"


def test_moments_are_local_and_near_ones_leave_their_year_out():
    moment = datetime(2026, 11, 3, 19, 5, 30, tzinfo=UTC)
    assert formats.moment(moment, NEW_YORK) == "Nov 3, 2026, 2:05\N{NARROW NO-BREAK SPACE}PM"
    assert formats.moment_near(moment, moment, NEW_YORK) == "Nov 3, 2:05\N{NARROW NO-BREAK SPACE}PM"
    later = datetime(2027, 1, 3, tzinfo=UTC)
    assert formats.moment_near(moment, later, UTC).startswith("Nov 3, 2026")


@pytest.mark.parametrize(
    ("starts", "ends", "text"),
    [
        (there(2026, 11, 1), there(2026, 12, 1), "Nov 1 – Nov 30, 2026"),
        (there(2026, 12, 28), there(2027, 1, 4), "Dec 28, 2026 – Jan 3, 2027"),
        (there(2026, 11, 3), there(2026, 11, 4), "Nov 3, 2026"),
        (there(2026, 11, 3, 14, 5), there(2026, 11, 4), "Nov 3, 2026, from 2:05 PM"),
    ],
)
def test_a_window_reads_by_its_first_and_last_local_day(starts, ends, text):
    told = formats.window(starts, ends, NEW_YORK)
    assert told.replace("\N{NARROW NO-BREAK SPACE}", " ") == text


def test_the_last_day_of_a_window_is_the_one_before_its_end():
    assert formats.last_day(datetime(2026, 12, 1, 5, tzinfo=UTC), NEW_YORK) == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("limit", "spent", "label"),
    [
        ("100", "74.99", "On track"),
        ("100", "75", "Getting close"),
        ("100", "90", "Nearly used"),
        ("100", "100", "Used up"),
        ("100", "112.4", "Over by $12.40"),
        ("0", "0", "On track"),
        ("0", "0.01", "Over by $0.01"),
    ],
)
def test_levels_have_words(limit, spent, label):
    assert formats.level_label(Standing(Decimal(limit), Decimal(spent))) == label


def test_red_before_the_limit_has_words_of_its_own():
    early = Thresholds(Decimal(50), Decimal(60), Decimal(70))
    standing = Standing(Decimal(100), Decimal(80), thresholds=early)
    assert formats.level_label(standing) == "Almost used up"
