"""Filters whose choices are known beforehand: none of them asks the database for its choices."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from budgets.ledger.configuring import SETTINGS
from budgets.levels import Level
from budgets.listing import OVER, at_level
from budgets.models import Change, Cycle
from people.console import Menu


class LevelFilter(Menu, admin.SimpleListFilter):
    """By the member's own thresholds; expects `with_standing()`."""

    title = "level"
    parameter_name = "level"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            *((level.value, level.value.capitalize()) for level in Level),
            (OVER, "Over budget"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        level = self.value()
        return queryset if level is None else at_level(queryset, level)


class OpenFilter(Menu, admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("closed", "Closed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Cycle]) -> QuerySet[Cycle]:
        if self.value() is None:
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "open")


class SettingFilter(Menu, admin.SimpleListFilter):
    title = "setting"
    parameter_name = "setting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name.replace("_", " ").capitalize()) for name in SETTINGS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Change]) -> QuerySet[Change]:
        return queryset if self.value() is None else queryset.filter(setting=self.value())
