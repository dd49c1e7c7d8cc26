"""Warranties: what is promised for how long."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from budgets.periods import local_day
from people.console import Choices, Menu
from purchases import keeping
from purchases.admin.consoles import Kept, purchases_for, refusing, viewer_of
from purchases.admin.forms import WarrantyForm
from purchases.guarantees import Status
from purchases.models import Warranty
from purchases.models.warranty import WarrantyQuerySet


class StandingFilter(Menu, admin.SimpleListFilter):
    """How a warranty stands on the day that it is for the administrator."""

    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status.value, status.label) for status in Status]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value is None or value not in set(Status):
            return queryset
        today = viewer_of(request).today
        return cast(WarrantyQuerySet, queryset).standing(Status(value), today)


@admin.register(Warranty)
class WarrantyAdmin(Kept[Warranty]):
    form = WarrantyForm
    autocomplete_fields = ["purchase"]
    list_display = ["purchase", "kind", "starts_on", "ends_on", "standing", "provider"]
    list_filter = [StandingFilter, ("kind", Choices)]
    ordering = ["-ends_on", "-pk"]
    search_fields = ["purchase__search_text", "provider", "notes"]
    search_help_text = "Purchase, provider or notes."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Warranty]:
        told = Warranty.objects.filter(purchase__in=purchases_for(request).order_by().values("pk"))
        return told.order_by(*self.ordering).select_related("purchase")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Warranty | None = None
    ) -> tuple[str, ...]:
        return ("purchase",) if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Warranty | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Warranty]]:
        form = super().get_form(request, obj, change, **kwargs)
        form.purchases = purchases_for(request).live()  # type: ignore[attr-defined]
        return form

    def name_of(self, row: Warranty) -> str:
        return f"{row.get_kind_display()} warranty of {row.purchase.name}"

    def save_model(
        self, request: HttpRequest, obj: Warranty, form: forms.ModelForm[Warranty], change: bool
    ) -> None:
        values, now = cast(WarrantyForm, form).values(), timezone.now()
        with refusing():
            if not change:
                purchase = values.pop("purchase")
                obj.pk = keeping.guard(purchase=purchase, values=values, now=now).pk
            elif values:
                keeping.change_warranty(warranty=obj, values=values, now=now)
        self.tell(request, form, "The warranty is saved.")

    def delete_model(self, request: HttpRequest, obj: Warranty) -> None:
        keeping.remove_warranty(warranty=obj, now=timezone.now())

    @admin.display(description="standing")
    def standing(self, warranty: Warranty) -> str:
        # The day where the administrator is, as the middleware has set it.
        today = local_day(timezone.now(), timezone.get_current_timezone())
        return warranty.status(today).label
