"""Imports, to see how far one is; their rows would tell what members bought and for whom."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat

from budgets import formats
from people.console import Choices
from purchases.admin.consoles import Shown
from purchases.importing import batches
from purchases.models import ImportBatch, ImportPreset, ImportRow

_RECORDED = (ImportRow.Outcome.ADDED, ImportRow.Outcome.UPDATED)


@admin.register(ImportBatch)
class ImportBatchAdmin(Shown[ImportBatch]):
    list_display = ["name", "owner", "state", "read", "recorded", "made_at"]
    list_filter = [("state", Choices)]
    list_select_related = ["owner"]
    ordering = ["-made_at", "-pk"]
    search_fields = ["name", "owner__username"]
    search_help_text = "File or member."
    fields = [
        "name",
        "bytes",
        "owner",
        "by",
        "format",
        "mode",
        "state",
        "read",
        "recorded",
        "made_at",
        "changed_at",
        "applied_at",
        "undone_at",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportBatch]:
        rows = ImportRow.objects.filter(batch=OuterRef("pk"), outcome__in=_RECORDED).order_by()
        count = rows.values("batch").annotate(number=Count("pk")).values("number")
        done = Coalesce(Subquery(count, output_field=IntegerField()), 0)
        shown = ImportBatch.objects.annotate(done=done).order_by(*self.ordering)
        return shown.select_related("owner", "by")

    @admin.display(description="size", ordering="size")
    def bytes(self, batch: ImportBatch) -> str:
        return filesizeformat(batch.size)

    @admin.display(description="rows read", ordering="position")
    def read(self, batch: ImportBatch) -> str:
        return formats.number(batch.position)

    @admin.display(description="recorded", ordering="done")
    def recorded(self, batch: Any) -> str:
        return formats.number(batch.done)


@admin.register(ImportPreset)
class ImportPresetAdmin(Shown[ImportPreset]):
    goes = "The member has to choose again how such a file reads. This cannot be undone."
    fields = ["name", "owner", "columns"]
    list_display = ["name", "owner"]
    list_select_related = ["owner"]
    ordering = ["owner__username", "name", "pk"]
    search_fields = ["name", "owner__username"]
    search_help_text = "Preset or member."

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def delete_model(self, request: HttpRequest, obj: ImportPreset) -> None:
        batches.remove_preset(preset=obj)

    @admin.display(description="columns")
    def columns(self, preset: ImportPreset) -> str:
        return ", ".join(preset.choices.get("columns", {}).values())
