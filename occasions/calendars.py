"""Holidays by country, as the `holidays` package knows them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from babel import Locale
from holidays import country_holidays, list_supported_countries

#: The longest name that is kept of a holiday; hardly any is longer.
LONGEST = 120
#: How the package marks the working day on which a holiday of the weekend is kept.
_MOVED = ("(observed", "(substituted")
#: How it marks a day that the moon has yet to confirm; next year the same holiday may be sure.
_ESTIMATED = " (estimated)"
_LANGUAGES = ("en_US", "en_GB", "en")


@dataclass(frozen=True, slots=True, order=True)
class Holiday:
    """One holiday of a country on one day."""

    date: date
    name: str


@cache
def countries() -> list[tuple[str, str]]:
    """Return the code and the English name of each country that has holidays, by name."""
    names = Locale("en").territories
    codes = (code for code in list_supported_countries(include_aliases=False) if code in names)
    return sorted(((code, names[code]) for code in codes), key=lambda country: country[1])


def coming(country: str, *, today: date) -> list[Holiday]:
    """Return the holidays of the year that begins `today`, each name once, soonest first.

    Raises KeyError for a country that is not known.
    """
    end = date(today.year + 1, 12, 31)
    first: dict[str, Holiday] = {}
    for holiday in sorted([*_of_year(country, today.year), *_of_year(country, end.year)]):
        if holiday.date >= today:
            first.setdefault(holiday.name, holiday)
    return sorted(first.values())


def day_of(country: str, name: str, *, near: date) -> date | None:
    """Return the day of the holiday called `name` in the year of `near`, or None without one.

    Of several days in a row it is the first, and of two holidays with one name the nearer.
    """
    if country not in dict(countries()):
        return None
    days = [holiday.date for holiday in _of_year(country, near.year) if holiday.name == name]
    firsts = [day for day in days if day - timedelta(days=1) not in days]
    return min(firsts, key=lambda day: abs(day - near), default=None)


@cache
def _of_year(country: str, year: int) -> tuple[Holiday, ...]:
    if country not in dict(countries()):
        raise KeyError(country)
    return tuple(sorted(set(_read(country, year))))


def _read(country: str, year: int) -> Iterator[Holiday]:
    known = country_holidays(country)
    language = next((name for name in _LANGUAGES if name in known.supported_languages), None)
    found = country_holidays(
        country,
        years=year,
        observed=False,
        language=language,
        categories=known.supported_categories,
    )
    for day in found:
        for name in found.get_list(day):
            if day.year == year and not any(mark in name for mark in _MOVED):
                yield Holiday(day, name.removesuffix(_ESTIMATED)[:LONGEST])
