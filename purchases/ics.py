"""Days written as a calendar that other programs subscribe to (iCalendar, RFC 5545)."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import icalendar

#: How long before each day a program reminds of it.
REMINDER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that takes a whole day; `uid` names it the same in every copy."""

    uid: str
    day: date
    title: str
    details: str
    url: str
    changed_at: datetime


def written(events: Iterable[Event], *, name: str) -> bytes:
    """Return a calendar of these days; the same days give the same bytes."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Pursestrings//Deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for event in events:
        calendar.add_component(_component(event))
    return calendar.to_ical()


def _component(event: Event) -> icalendar.Event:
    # An all-day event without an end takes its one day; it leaves the day free for others.
    component = icalendar.Event()
    component.add("uid", event.uid)
    component.add("dtstamp", event.changed_at)
    component.add("dtstart", event.day)
    component.add("summary", _clean(event.title))
    if event.details:
        component.add("description", _clean(event.details))
    component.add("url", event.url)
    component.add("transp", "TRANSPARENT")
    component.add_component(_alarm(event))
    return component


def _alarm(event: Event) -> icalendar.Alarm:
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _clean(event.title))
    alarm.add("trigger", -REMINDER)
    return alarm


def _clean(text: str) -> str:
    """Return `text` without the control characters that no calendar may hold."""
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) != "Cc")
