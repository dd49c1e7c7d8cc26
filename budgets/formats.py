"""How amounts, days and levels are written for people, in the installation's language region."""

from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_currency, format_decimal
from django.conf import settings

from budgets.fields import currency_places
from budgets.levels import Level, Standing
from budgets.periods import day_starts_at, local_day

COST_PLACES = 4
_MINUS = "\N{MINUS SIGN}"


def money(amount: Decimal) -> str:
    """Write `amount` with the currency's own places: "$12.50".

    What is not zero never reads as zero: a fraction of the least amount is written as "<$0.01".
    """
    return _currency(amount, currency_places())


def cost(amount: Decimal) -> str:
    """Write one posting: with four places when the currency's own do not say it all: "$0.0121"."""
    places = currency_places()
    is_plain = amount == amount.quantize(Decimal(1).scaleb(-places))
    return _currency(amount, places if is_plain else COST_PLACES)


def _currency(amount: Decimal, places: int) -> str:
    # Adding zero makes a zero with a sign a plain one: both are the same key of the cache.
    return written(amount + 0, places, settings.CURRENCY, settings.LOCALE)


@lru_cache(maxsize=4096)
def written(amount: Decimal, places: int, currency: str, locale: str) -> str:
    """Write an amount; a page of cards holds hundreds, the same ones whenever it is drawn."""
    least = Decimal(1).scaleb(-places)
    shown = amount.quantize(least)
    sign = ""
    if amount and not shown:
        sign, shown = ("<", least) if amount > 0 else (">", -least)
    pattern = Locale.parse(locale).currency_formats["standard"].pattern
    decimals = f".{'0' * places}" if places else ""
    text = format_currency(
        shown,
        currency,
        pattern.replace(".00", decimals),
        locale=locale,
        currency_digits=False,
    )
    return sign + text.replace("-", _MINUS)


def percent(share: Decimal | None) -> str:
    """Write a percentage as it stands ("5.0 %" in the region's way), or a dash for none."""
    if share is None:
        return "–"
    places = max(-int(share.as_tuple().exponent), 0)
    pattern = f"#,##0.{'0' * places}" if places else "#,##0"
    return f"{_decimal(share, pattern, settings.LOCALE)}%"


def number(count: int) -> str:
    return _decimal(count, None, settings.LOCALE)


@lru_cache(maxsize=4096)
def _decimal(value: Decimal | int, pattern: str | None, locale: str) -> str:
    return format_decimal(value, pattern, locale=locale).replace("-", _MINUS)


def day(value: date) -> str:
    """Write a day with its year: "Nov 30, 2026"."""
    return format_date(value, "medium", locale=settings.LOCALE)


def day_of_year(value: date) -> str:
    """Write a day without its year: "November 30"."""
    return format_skeleton("MMMMd", value, locale=settings.LOCALE)


def short_day(value: date) -> str:
    """Write a day in little room: "Nov 30"."""
    return format_skeleton("MMMd", value, locale=settings.LOCALE)


def month(value: date) -> str:
    return format_skeleton("yMMM", value, locale=settings.LOCALE)


def month_name(value: date) -> str:
    """Write a month without its year: "Nov"."""
    return format_date(value, "LLL", locale=settings.LOCALE)


def weekday(value: date) -> str:
    """Write the day of the week: "Monday"."""
    return format_date(value, "EEEE", locale=settings.LOCALE)


def moment(value: datetime, zone: tzinfo) -> str:
    """Write a moment to the minute, as clocks show it in `zone`."""
    local = value.astimezone(zone)
    return f"{day(local.date())}, {_clock(local)}"


def moment_near(value: datetime, now: datetime, zone: tzinfo) -> str:
    """Write a moment in little room: without its year when that is the year of `now`."""
    local = value.astimezone(zone)
    if local.year != now.astimezone(zone).year:
        return moment(value, zone)
    return f"{short_day(local.date())}, {_clock(local)}"


def _clock(local: datetime) -> str:
    return format_time(local, "short", locale=settings.LOCALE)


def last_day(ends_at: datetime, zone: tzinfo) -> date:
    """Return the last local day of a window whose (excluded) end is `ends_at`."""
    return local_day(ends_at - timedelta.resolution, zone)


def window(starts_at: datetime, ends_at: datetime, zone: tzinfo) -> str:
    """Write a window by its first and last local day: "Nov 1 – Nov 30, 2026".

    One that begins within its only day tells when, so that a day started over reads as two.
    """
    first, last = local_day(starts_at, zone), last_day(ends_at, zone)
    if first == last and starts_at != day_starts_at(first, zone):
        return f"{day(first)}, from {_clock(starts_at.astimezone(zone))}"
    return days(first, last)


def days(first: date, last: date) -> str:
    """Write some days by the first and the last: "Nov 1 – Nov 30, 2026"."""
    if first == last:
        return day(last)
    begins = short_day(first) if first.year == last.year else day(first)
    return f"{begins} – {day(last)}"


def level_label(standing: Standing) -> str:
    """Say the level in words: "On track" to "Over by $12.40"."""
    if standing.is_over:
        return f"Over by {money(standing.over_by)}"
    if standing.is_used_up:
        return "Used up"
    return {
        Level.GREEN: "On track",
        Level.YELLOW: "Getting close",
        Level.ORANGE: "Nearly used",
        Level.RED: "Almost used up",
    }[standing.level]
