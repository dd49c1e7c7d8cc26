"""Windows: they tile time, whatever clocks do."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from budgets.periods import (
    Period,
    Schedule,
    Window,
    day_starts_at,
    local_day,
    window_at,
    windows_from,
)

ZONES = [
    *("Etc/GMT+12", "Pacific/Pago_Pago", "America/Chicago", "America/Havana", "America/St_Johns"),
    *("America/Sao_Paulo", "Atlantic/Azores", "UTC", "Europe/London", "Europe/Berlin"),
    *("Africa/Cairo", "Asia/Beirut", "Asia/Tehran", "Asia/Kathmandu", "Asia/Tokyo"),
    *("Australia/Lord_Howe", "Antarctica/Casey", "Pacific/Chatham", "Pacific/Apia"),
    "Pacific/Kiritimati",
]
MONTHLY, WEEKLY, DAILY = (Schedule(p) for p in (Period.MONTHLY, Period.WEEKLY, Period.DAILY))

schedules = st.one_of(
    st.sampled_from([MONTHLY, WEEKLY, DAILY]),
    st.integers(min_value=1, max_value=365).map(lambda days: Schedule(Period.CUSTOM, days)),
)
zones = st.sampled_from(ZONES).map(ZoneInfo)
days = st.dates(min_value=date(1972, 1, 1), max_value=date(2037, 12, 31))
moments = st.datetimes(
    min_value=datetime(1972, 1, 1),  # noqa: DTZ001  (hypothesis adds the zone)
    max_value=datetime(2037, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
# Near midnight is where it can go wrong.
midnights = st.builds(
    lambda day, zone, shift: day_starts_at(day, zone) + timedelta(microseconds=shift),
    days,
    zones,
    st.integers(min_value=-2, max_value=2),
)


def at(text, zone):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def window(text, schedule, zone, anchor="2026-01-01"):
    """Return the window of a local moment as two local ISO texts."""
    found = window_at(at(text, zone), schedule, ZoneInfo(zone), anchor=date.fromisoformat(anchor))
    return tuple(
        moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(" ", "minutes")
        for moment in (found.starts_at, found.ends_at)
    )


@given(st.one_of(moments, midnights), schedules, zones, days)
@example(datetime(2011, 12, 30, 10, tzinfo=UTC), DAILY, ZoneInfo("Pacific/Apia"), date(2011, 1, 1))
@example(
    datetime(2011, 12, 30, 9, 59, tzinfo=UTC), DAILY, ZoneInfo("Pacific/Apia"), date(2011, 1, 1)
)
@example(
    datetime(2011, 12, 31, 12, tzinfo=UTC),
    Schedule(Period.CUSTOM, 2),
    ZoneInfo("Pacific/Apia"),
    date(2011, 12, 30),
)
@example(
    datetime(2010, 11, 7, 3, tzinfo=UTC), DAILY, ZoneInfo("America/St_Johns"), date(2010, 1, 1)
)
@example(
    datetime(2010, 3, 4, 16, tzinfo=UTC), DAILY, ZoneInfo("Antarctica/Casey"), date(2010, 1, 1)
)
@example(datetime(2028, 2, 29, 12, tzinfo=UTC), MONTHLY, ZoneInfo("UTC"), date(2026, 1, 1))
def test_every_moment_is_in_exactly_one_window(moment, schedule, zone, anchor):
    here = window_at(moment, schedule, zone, anchor=anchor)
    after = window_at(here.ends_at, schedule, zone, anchor=anchor)
    before = window_at(here.starts_at - timedelta.resolution, schedule, zone, anchor=anchor)
    assert moment in here
    assert after.starts_at == here.ends_at
    assert before.ends_at == here.starts_at
    assert window_at(here.starts_at, schedule, zone, anchor=anchor) == here
    assert window_at(here.ends_at - timedelta.resolution, schedule, zone, anchor=anchor) == here


@given(st.one_of(moments, midnights), zones)
def test_local_days_follow_one_another_without_gap_or_overlap(moment, zone):
    day = local_day(moment, zone)
    assert moment in Window(day_starts_at(day, zone), day_starts_at(day + timedelta(days=1), zone))


@given(moments, st.integers(min_value=0, max_value=90 * 86_400), schedules, zones, days)
def test_windows_from_a_moment_lead_to_another_one_in_one_chain(
    start, seconds, schedule, zone, anchor
):
    until = start + timedelta(seconds=seconds)
    chain = list(windows_from(start, until, schedule, zone, anchor=anchor))
    assert chain[0].starts_at == start
    assert until in chain[-1]
    assert all(a.ends_at == b.starts_at for a, b in pairwise(chain))
    assert chain[1:] == [
        window_at(one.starts_at, schedule, zone, anchor=anchor) for one in chain[1:]
    ]


@pytest.mark.parametrize(
    ("moment", "schedule", "expected"),
    [
        ("2026-01-31T23:59:59", MONTHLY, ("2026-01-01 00:00", "2026-02-01 00:00")),
        ("2026-02-28T12:00", MONTHLY, ("2026-02-01 00:00", "2026-03-01 00:00")),
        ("2028-02-29T12:00", MONTHLY, ("2028-02-01 00:00", "2028-03-01 00:00")),
        ("2026-04-30T00:00", MONTHLY, ("2026-04-01 00:00", "2026-05-01 00:00")),
        ("2026-12-31T23:59", MONTHLY, ("2026-12-01 00:00", "2027-01-01 00:00")),
        ("2026-07-13T00:00", WEEKLY, ("2026-07-13 00:00", "2026-07-20 00:00")),
        ("2026-07-19T23:59", WEEKLY, ("2026-07-13 00:00", "2026-07-20 00:00")),
        ("2027-01-01T00:00", WEEKLY, ("2026-12-28 00:00", "2027-01-04 00:00")),
        ("2028-02-29T08:00", DAILY, ("2028-02-29 00:00", "2028-03-01 00:00")),
        ("2026-01-10T23:59", Schedule(Period.CUSTOM, 10), ("2026-01-01 00:00", "2026-01-11 00:00")),
        ("2026-01-11T00:00", Schedule(Period.CUSTOM, 10), ("2026-01-11 00:00", "2026-01-21 00:00")),
        ("2025-12-31T00:00", Schedule(Period.CUSTOM, 10), ("2025-12-22 00:00", "2026-01-01 00:00")),
        (
            "2028-02-29T00:00",
            Schedule(Period.CUSTOM, 365),
            ("2028-01-01 00:00", "2028-12-31 00:00"),
        ),
        ("2026-06-01T12:00", Schedule(Period.CUSTOM, 1), ("2026-06-01 00:00", "2026-06-02 00:00")),
    ],
)
@pytest.mark.parametrize("zone", ["Etc/GMT+12", "Europe/Berlin", "Pacific/Kiritimati"])
def test_windows_begin_and_end_at_local_midnights(moment, schedule, expected, zone):
    assert window(moment, schedule, zone) == expected


def test_a_moment_at_the_start_belongs_to_the_window_and_one_at_the_end_to_the_next():
    july = window_at(
        datetime(2026, 7, 15, tzinfo=UTC), MONTHLY, ZoneInfo("UTC"), anchor=date(2026, 7, 1)
    )
    assert july.starts_at in july
    assert july.ends_at - timedelta.resolution in july
    assert july.ends_at not in july
    assert july.starts_at - timedelta.resolution not in july


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/Chicago", date(2026, 3, 8), 23),
        ("America/Chicago", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("America/Havana", date(2026, 3, 8), 23),  # midnight is skipped
        ("America/Havana", date(2026, 11, 1), 25),  # midnight comes twice
        ("Africa/Cairo", date(2026, 4, 24), 23),
        ("Asia/Beirut", date(2026, 3, 29), 23),
        ("Asia/Beirut", date(2026, 10, 24), 25),
        ("Pacific/Apia", date(2011, 12, 30), 0),  # Samoa never had this day
        ("Pacific/Apia", date(2011, 12, 31), 24),
        ("America/St_Johns", date(2010, 11, 6), 24),  # 00:01 became 23:01 of the day before
        ("America/St_Johns", date(2010, 11, 7), 25),
        ("Asia/Kathmandu", date(2026, 7, 15), 24),
    ],
)
def test_a_day_is_as_long_as_clocks_make_it(zone, day, hours):
    length = day_starts_at(day + timedelta(days=1), ZoneInfo(zone)) - day_starts_at(
        day, ZoneInfo(zone)
    )
    assert length == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("zone", "day", "starts_at"),
    [
        ("Etc/GMT+12", date(2026, 7, 1), datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("Pacific/Kiritimati", date(2026, 7, 1), datetime(2026, 6, 30, 10, tzinfo=UTC)),
        ("Asia/Kathmandu", date(2026, 7, 1), datetime(2026, 6, 30, 18, 15, tzinfo=UTC)),
        ("America/Havana", date(2026, 3, 8), datetime(2026, 3, 8, 5, tzinfo=UTC)),
        ("America/Havana", date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_its_first_instant(zone, day, starts_at):
    assert day_starts_at(day, ZoneInfo(zone)) == starts_at
    assert local_day(starts_at, ZoneInfo(zone)) == day
    assert local_day(starts_at - timedelta.resolution, ZoneInfo(zone)) == day - timedelta(days=1)


def test_one_moment_lies_on_different_days_for_different_people():
    moment = datetime(2026, 7, 15, 10, 30, tzinfo=UTC)
    assert local_day(moment, ZoneInfo("Etc/GMT+12")) == date(2026, 7, 14)
    assert local_day(moment, ZoneInfo("UTC")) == date(2026, 7, 15)
    assert local_day(moment, ZoneInfo("Pacific/Kiritimati")) == date(2026, 7, 16)


@pytest.mark.parametrize("length", [None, 0, -1, 366])
def test_a_custom_period_has_one_to_365_days(length):
    with pytest.raises(ValueError, match="1 to 365 days"):
        Schedule(Period.CUSTOM, length)
