"""Filters by whether the day of an occasion is over."""

from datetime import date
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from budgets.periods import local_day
from people.access import MemberRequest
from people.console import Menu


class WhenFilter(Menu, admin.SimpleListFilter):
    """To come or past, on the day that it is for the administrator."""

    title = "when"
    parameter_name = "when"
    #: The field that holds the day.
    day = "date"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("coming", "To come"), ("past", "Past")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "coming":
                return queryset.filter(**{f"{self.day}__gte": _today(request)})
            case "past":
                return queryset.filter(**{f"{self.day}__lt": _today(request)})
            case _:
                return queryset


class OccasionWhenFilter(WhenFilter):
    day = "occasion__date"


def _today(request: HttpRequest) -> date:
    return local_day(timezone.now(), cast(MemberRequest, request).user.zone)
