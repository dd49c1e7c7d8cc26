"""Occasions: their days and the budgets for everything."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from occasions import access, planning
from occasions.admin.consoles import money, viewer_of
from occasions.admin.filters import WhenFilter
from occasions.admin.forms import OccasionForm
from occasions.models import Occasion
from people.console import Choices, Console, titled


@admin.register(Occasion)
class OccasionAdmin(Console[Occasion]):
    form = OccasionForm
    list_display = ["date", "name", "kind", "yearly", "budget"]
    list_display_links = ["date", "name"]
    list_filter = [WhenFilter, ("kind", Choices), ("repeats_yearly", titled("yearly"))]
    ordering = ["-date", "-pk"]
    search_fields = ["name", "description", "celebrates__name"]
    search_help_text = "Name, description, or whose day it is."
    fieldsets = [
        (None, {"fields": ["name", "kind", "date", "repeats_yearly"]}),
        (None, {"fields": ["budget_total", "description"]}),
        ("How it comes back", {"fields": ["celebrates", "since", "holiday", "country"]}),
    ]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Occasion | None = None
    ) -> tuple[str, ...]:
        """Keep what follows by itself, and the day of an occasion with presents for who looks."""
        kept = ["celebrates", "since", "holiday", "country"]
        if obj is None:
            return tuple(kept)
        if obj.celebrates_id:
            kept.append("kind")
        if not access.may_rearrange(viewer_of(request), obj):
            kept.append("date")
        if Occasion.objects.filter(previous=obj).exists():
            kept.append("repeats_yearly")
        return tuple(kept)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave out the budgets while one of them may be that of the administrator's own gifts."""
        hidden = {"budget"} if viewer_of(request).surprises else set()
        return [name for name in self.list_display if name not in hidden]

    def get_fieldsets(self, request: HttpRequest, obj: Occasion | None = None) -> Any:
        if obj is None or access.may_see_total(viewer_of(request), obj):
            return super().get_fieldsets(request, obj)
        first, _, last = self.fieldsets
        return [first, (None, {"fields": ["description"]}), last]

    def pages(self, row: Occasion) -> Mapping[str, str]:
        return {
            "Delete…": reverse("occasions:delete", args=[row.pk]),
            "View on site": row.get_absolute_url(),
        }

    def save_model(
        self, request: HttpRequest, obj: Occasion, form: forms.ModelForm[Occasion], change: bool
    ) -> None:
        stored = Occasion.objects.select_for_update().get(pk=obj.pk)
        planning.change_occasion(occasion=stored, values=cast(OccasionForm, form).values())
        self.tell(request, form, f"{obj.name} is saved.")

    @admin.display(description="yearly", ordering="repeats_yearly")
    def yearly(self, occasion: Occasion) -> str:
        return "Yes" if occasion.repeats_yearly else "No"

    @admin.display(description="budget for everything", ordering="budget_total")
    def budget(self, occasion: Occasion) -> SafeString:
        return money(occasion.budget_total)
