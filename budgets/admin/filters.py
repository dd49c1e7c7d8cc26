"""Filters whose choices are known beforehand: none of them asks the database for its choices."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest

from budgets.ledger.configuring import SETTINGS
from budgets.levels import Level
from budgets.models import Change, Cycle


class _Menu:
    """A filter above the list instead of beside it: the table needs the width."""

    template = "admin/budgets/_filter.html"


class Choices(_Menu, admin.ChoicesFieldListFilter):
    pass


class Days(_Menu, admin.DateFieldListFilter):
    pass


class LevelFilter(_Menu, admin.SimpleListFilter):
    """By the member's own thresholds; expects `with_standing()`."""

    title = "level"
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            *((level.value, level.value.capitalize()) for level in Level),
            ("over", "Over budget"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case None:
                return queryset
            case "over":
                return queryset.filter(spent__gt=F("available"))
            case level:
                return queryset.filter(level=level)


class OpenFilter(_Menu, admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("closed", "Closed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cycle]) -> QuerySet[Cycle]:
        if self.value() is None:
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "open")


class SettingFilter(_Menu, admin.SimpleListFilter):
    title = "setting"
    parameter_name = "setting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name.replace("_", " ").capitalize()) for name in SETTINGS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        return queryset if self.value() is None else queryset.filter(setting=self.value())


def titled(title: str) -> type[admin.FieldListFilter]:
    """Return the usual filter of a yes/no field under another title."""

    class Titled(_Menu, admin.BooleanFieldListFilter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = title

    return Titled
