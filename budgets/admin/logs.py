"""The ledger's rows, to be read: entries, windows, resets, changes and holds."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst

from budgets import formats
from budgets.admin.filters import OpenFilter, SettingFilter
from budgets.downloads import CHUNK, Downloadable, download_csv
from budgets.models import Budget, Change, Cycle, Entry, Hold, Reset
from budgets.sheets import exact
from people.console import Choices, Days, ForAdministrators


class Newest(Paginator[Any]):
    """The newest rows alone: nobody turns to page 4,000, and counting millions takes seconds."""

    most = 10_000

    @cached_property
    def count(self) -> int:
        rows = cast(QuerySet[Any], self.object_list)
        return rows.order_by()[: self.most].count()

    @property
    def is_cut(self) -> bool:
        """Whether there are more rows than these pages show."""
        return self.count == self.most


class Log[M: Model](ForAdministrators, Downloadable[M]):
    """A read-only list of one kind of row, newest first."""

    #: The columns of the CSV, and the field of each.
    header: dict[str, str]
    actions = [download_csv]
    list_select_related = ["budget"]
    list_per_page = 50
    list_max_show_all = 200
    ordering = ["-pk"]
    paginator = Newest
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    sortable_by = ()

    def get_fields(self, request: HttpRequest, obj: M | None = None) -> list[Any]:
        names = (field.name for field in self.opts.fields)
        return ["member", *(name for name in names if name not in {"id", "budget"})]

    def get_readonly_fields(self, request: HttpRequest, obj: M | None = None) -> list[Any]:
        return self.get_fields(request, obj)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def cells(self, rows: QuerySet[M]) -> Iterator[list[object]]:
        values = rows.values_list(*self.header.values()).iterator(chunk_size=CHUNK)
        return ([_plain(value) for value in row] for row in values)

    @admin.display(description="member")
    def member(self, row: Any) -> str:
        """Name whose row it is; a deleted member by the name they had."""
        budget: Budget = row.budget
        if budget.user_id is None:
            return format_html('{} <span class="note">deleted</span>', budget.member_name)
        url = reverse("admin:budgets_budget_change", args=[budget.pk])
        return format_html('<a href="{}">{}</a>', url, budget.member_name)


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return exact(value)
        case datetime():
            return value.isoformat()
        case _:
            return value


@admin.register(Entry)
class EntryAdmin(Log[Entry]):
    list_display = [
        "occurred_at",
        "member",
        "kind",
        "provider",
        "model_name",
        "tokens",
        "cost",
        "source",
        "via",
    ]
    list_filter = [("kind", Choices), ("day", Days)]
    search_fields = ["budget__member_name", "provider", "model", "source", "memo", "via"]
    search_help_text = "Member, provider, model, source, memo or token."
    header = {
        "member": "budget__member_name",
        "occurred at": "occurred_at",
        "day": "day",
        "kind": "kind",
        "amount": "amount",
        "provider": "provider",
        "model": "model",
        "operation": "operation",
        "input tokens": "input_tokens",
        "output tokens": "output_tokens",
        "cached tokens": "cached_tokens",
        "memo": "memo",
        "source": "source",
        "source event": "source_event_id",
        "recorded at": "recorded_at",
        "entry": "pk",
        "reverses": "reverses_id",
        "priced by": "priced_by",
        "via": "via",
    }

    @admin.display(description="model")
    def model_name(self, entry: Entry) -> str:
        return entry.model

    @admin.display(description="tokens in / out")
    def tokens(self, entry: Entry) -> str:
        if not entry.input_tokens and not entry.output_tokens:
            return ""
        return f"{formats.number(entry.input_tokens)} / {formats.number(entry.output_tokens)}"

    @admin.display(description="cost")
    def cost(self, entry: Entry) -> str:
        return format_html('<span class="money">{}</span>', formats.cost(entry.amount))


@admin.register(Cycle)
class CycleAdmin(Log[Cycle]):
    list_display = ["window", "member", "limit_then", "spent_then", "held_then", "closed_at"]
    list_select_related = ["budget__user"]
    list_filter = [OpenFilter, ("starts_at", Days)]
    search_fields = ["budget__member_name"]
    search_help_text = "Member."
    header = {
        "member": "budget__member_name",
        "starts at": "starts_at",
        "ends at": "ends_at",
        "closed at": "closed_at",
        "limit": "limit",
        "carried": "carried",
        "spent": "spent",
        "held": "held",
        "enforced": "enforced",
    }

    @admin.display(description="window")
    def window(self, cycle: Cycle) -> str:
        return formats.window(cycle.starts_at, cycle.ends_at, cycle.budget.zone)

    @admin.display(description="limit")
    def limit_then(self, cycle: Cycle) -> str:
        return _money(cycle.available)

    @admin.display(description="spent")
    def spent_then(self, cycle: Cycle) -> str:
        return _money(cycle.spent)

    @admin.display(description="held")
    def held_then(self, cycle: Cycle) -> str:
        return _money(cycle.held)


@admin.register(Reset)
class ResetAdmin(Log[Reset]):
    list_display = ["created_at", "member", "kind", "by", "reason", "spent_then", "limits"]
    list_filter = [("kind", Choices), ("created_at", Days)]
    search_fields = ["budget__member_name", "actor_name", "reason"]
    search_help_text = "Member, who did it, or reason."
    header = {
        "member": "budget__member_name",
        "created at": "created_at",
        "kind": "kind",
        "by": "actor_name",
        "reason": "reason",
        "spent before": "spent_before",
        "limit before": "limit_before",
        "limit after": "limit_after",
        "old window start": "old_starts_at",
        "old window end": "old_ends_at",
        "new window start": "new_starts_at",
        "new window end": "new_ends_at",
    }

    @admin.display(description="by")
    def by(self, reset: Reset) -> str:
        return reset.by

    @admin.display(description="spent before")
    def spent_then(self, reset: Reset) -> str:
        return _money(reset.spent_before)

    @admin.display(description="limit")
    def limits(self, reset: Reset) -> str:
        return _from_to(formats.money(reset.limit_before), formats.money(reset.limit_after))


@admin.register(Change)
class ChangeAdmin(Log[Change]):
    list_display = ["changed_at", "member", "setting", "old_value", "new_value", "by", "origin"]
    list_filter = [SettingFilter, ("origin", Choices), ("changed_at", Days)]
    search_fields = ["budget__member_name", "actor_name", "old", "new"]
    search_help_text = "Member, who did it, or value."
    header = {
        "member": "budget__member_name",
        "changed at": "changed_at",
        "setting": "setting",
        "old": "old",
        "new": "new",
        "by": "actor_name",
        "origin": "origin",
    }

    @admin.display(description="old", empty_value="–")
    def old_value(self, change: Change) -> str | None:
        return change.old or None

    @admin.display(description="new", empty_value="–")
    def new_value(self, change: Change) -> str | None:
        return change.new or None

    @admin.display(description="by")
    def by(self, change: Change) -> str:
        return change.actor_name or "the system"


@admin.register(Hold)
class HoldAdmin(Log[Hold]):
    list_display = [
        "created_at",
        "member",
        "amount_held",
        "status",
        "memo",
        "via",
        "expires_at",
        "ended_at",
    ]
    list_filter = [("status", Choices), ("created_at", Days)]
    search_fields = ["budget__member_name", "memo", "via"]
    search_help_text = "Member, memo or token."
    header = {
        "member": "budget__member_name",
        "created at": "created_at",
        "amount": "amount",
        "status": "status",
        "memo": "memo",
        "expires at": "expires_at",
        "ended at": "ended_at",
        "entry": "entry_id",
        "via": "via",
    }

    @admin.display(description="amount")
    def amount_held(self, hold: Hold) -> str:
        return _money(hold.amount)


def _money(amount: Any) -> str:
    return format_html('<span class="money">{}</span>', formats.money(amount))


def _from_to(old: str, new: str) -> str:
    if old == new:
        return format_html('<span class="money">{}</span>', new)
    return format_html('<span class="money">{} → {}</span>', old, new)
