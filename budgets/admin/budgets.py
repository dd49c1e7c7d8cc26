"""The budget list with its totals, and the form that configures one budget."""

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import FETCH_RAISE, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from budgets import formats, ledger
from budgets.admin import actions
from budgets.admin.columns import COLUMNS, granted, meter_of
from budgets.admin.filters import LevelFilter
from budgets.downloads import CHUNK, Downloadable, download_csv
from budgets.forms import ConfigureForm
from budgets.listing import SEARCHED, Listed, standing_of
from budgets.models import Budget, Origin
from budgets.models.budget import BudgetQuerySet
from budgets.totals import totals
from people.console import Choices, ForAdministrators, titled
from people.models import User


@admin.register(Budget)
class BudgetAdmin(ForAdministrators, Downloadable[Budget]):
    form = ConfigureForm
    list_display = [
        "member",
        "limit_in_force",
        "spent_so_far",
        "used",
        "level",
        "permissions",
        "enforced_word",
        "window",
    ]
    list_select_related = ["user"]
    list_filter = [
        LevelFilter,
        ("period", Choices),
        ("enforced", titled("enforced")),
        ("visible_to_user", titled("may view")),
        ("user_can_modify", titled("may change")),
        ("user_can_reset", titled("may start over")),
    ]
    search_fields = SEARCHED
    search_help_text = "User name, first or last name, or email."
    list_per_page = 50
    ordering = ["member_name"]
    view_on_site = False
    actions = [
        actions.set_limit,
        actions.change_permissions,
        actions.enforce,
        actions.stop_enforcing,
        actions.start_over,
        download_csv,
    ]
    header = COLUMNS
    readonly_fields = ["standing", "configured_by", "created_at"]
    fieldsets = [
        (None, {"fields": ["standing"]}),
        ("Limit", {"fields": ["limit", "custom_limit", "custom_limit_until", "enforced"]}),
        ("Period", {"fields": ["period", "custom_days"]}),
        ("Levels", {"fields": [("yellow", "orange", "red")]}),
        (
            "What the member may do",
            {"fields": ["visible_to_user", "user_can_modify", "user_can_reset", "modify_ceiling"]},
        ),
        ("For administrators", {"fields": ["admin_notes", "configured_by", "created_at"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Budget]:
        budgets = cast(BudgetQuerySet, super().get_queryset(request))
        return budgets.of_members().with_standing()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    # --- The list -------------------------------------------------------------------------------

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        ledger.bring_up_to_date(now=timezone.now())
        context = {"title": "Budgets", "totals": totals(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def download_view(self, request: HttpRequest) -> HttpResponseBase:
        ledger.bring_up_to_date(now=timezone.now())
        return super().download_view(request)

    def cells(self, rows: QuerySet[Budget]) -> Iterator[list[object]]:
        budgets = rows.select_related("user").fetch_mode(FETCH_RAISE).iterator(chunk_size=CHUNK)
        for budget in budgets:
            yield [cell(cast(Listed, budget)) for cell in COLUMNS.values()]

    @admin.display(description="user", ordering="member_name")
    def member(self, budget: Listed) -> str:
        full_name = budget.user.get_full_name() if budget.user else ""
        if not full_name:
            return budget.member_name
        return format_html('{} <span class="note">{}</span>', budget.member_name, full_name)

    @admin.display(description="limit", ordering="available")
    def limit_in_force(self, budget: Listed) -> SafeString:
        note = "special" if budget.has_custom_limit(timezone.now()) else ""
        return _amount(formats.money(budget.available), note)

    @admin.display(description="spent", ordering="spent")
    def spent_so_far(self, budget: Listed) -> SafeString:
        note = f"{formats.money(budget.held)} held" if budget.held else ""
        return _amount(formats.money(budget.spent), note)

    @admin.display(description="used", ordering="used_share")
    def used(self, budget: Listed) -> SafeString:
        return render_to_string("admin/budgets/_meter.html", meter_of(budget))

    @admin.display(description="level")
    def level(self, budget: Listed) -> SafeString:
        standing = standing_of(budget)
        context = {
            "level": standing.level.value,
            "over": standing.is_over,
            "label": formats.level_label(standing),
        }
        return render_to_string("_badge.html", context)

    @admin.display(description="permissions")
    def permissions(self, budget: Listed) -> str:
        words = ", ".join(granted(budget)).capitalize()
        if budget.visible_to_user:
            return "View only" if words == "View" else words
        if not words:
            return "Hidden"
        return format_html('Hidden <span class="note">{}: no effect</span>', words)

    @admin.display(description="enforced", ordering="enforced")
    def enforced_word(self, budget: Listed) -> str:
        return "Yes" if budget.enforced else "No"

    @admin.display(description="window", ordering="ends_at")
    def window(self, budget: Listed) -> str:
        return formats.window(budget.starts_at, budget.ends_at, budget.zone)

    # --- The form -------------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        ledger.bring_up_to_date(now=timezone.now())
        context = {"title": "Configure", **(extra_context or {})}
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except ValidationError as refusal:
            # The form was right when it was read; somebody else's change came in between.
            messages.error(request, f"Nothing was changed: {' '.join(refusal.messages)}")
            return redirect(request.get_full_path())

    def get_form(
        self, request: HttpRequest, obj: Budget | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Budget]]:
        form = super().get_form(request, obj, change, **kwargs)
        cast(type[ConfigureForm], form).now = timezone.now()
        return form

    @admin.display(description="standing now")
    def standing(self, configured: Budget) -> SafeString:
        """Tell where the budget stands as it is stored, not as a refused form has it."""
        stored = Budget.objects.with_standing().select_related("user").get(pk=configured.pk)
        budget = cast(Listed, stored)
        standing = standing_of(budget)
        context = {
            "standing": standing,
            "label": formats.level_label(standing),
            "meter": meter_of(budget),
            "window": self.window(budget),
            "zone": budget.zone,
        }
        return render_to_string("admin/budgets/_standing.html", context)

    def save_model(
        self, request: HttpRequest, obj: Budget, form: forms.ModelForm[Budget], change: bool
    ) -> None:
        changes = ledger.configure(
            budget=obj,
            settings=cast(ConfigureForm, form).settings(),
            actor=cast(User, request.user),
            origin=Origin.ADMIN,
            now=timezone.now(),
        )
        said = f"The budget of {obj.member_name} is saved." if changes else "Nothing was changed."
        messages.success(request, said)

    def response_change(self, request: HttpRequest, obj: Budget) -> HttpResponse:
        if "_continue" in request.POST:
            return redirect(request.get_full_path())
        return self.response_post_save_change(request, obj)


def _amount(text: str, note: str) -> SafeString:
    if not note:
        return format_html('<span class="money">{}</span>', text)
    return format_html('<span class="money">{}</span><span class="note">{}</span>', text, note)
