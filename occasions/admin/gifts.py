"""Gifts: everything that is no surprise to the administrator who looks."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import ActionLocation
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString

from budgets.downloads import Downloadable, download_csv
from occasions import lists, planning
from occasions.admin.consoles import money, viewer_of
from occasions.admin.filters import OccasionWhenFilter
from occasions.admin.forms import GiftForm
from occasions.models import Gift, GiftQuerySet
from people.console import Choices, Untold
from people.models import Person


@admin.register(Gift)
class GiftAdmin(Untold[Gift], Downloadable[Gift]):
    form = GiftForm
    actions = [download_csv]
    change_list_template = "admin/budgets/change_list.html"
    delete_confirmation_template = "admin/occasions/delete_confirmation.html"
    list_display = ["title", "occasion", "whom", "purchaser", "status", "counts"]
    list_filter = [
        OccasionWhenFilter,
        ("status", Choices),
        ("priority", Choices),
        ("occasion__kind", Choices),
    ]
    list_select_related = ["occasion", "purchaser"]
    ordering = ["-occasion__date", "-occasion", "title", "pk"]
    readonly_fields = ["bought_on", "counts"]
    search_fields = ["title", "notes", "occasion__name", "recipients__name", "purchaser__name"]
    search_help_text = "Gift, notes, occasion, or whom it is for or by."
    fieldsets = [
        (None, {"fields": ["title", "occasion", "recipients", "purchaser"]}),
        (None, {"fields": ["status", "bought_on", "priority"]}),
        ("What it costs", {"fields": ["price", "paid_price", "quantity", "counts"]}),
        (None, {"fields": ["link", "notes"]}),
    ]
    header = lists.CSV_HEADER

    def get_queryset(self, request: HttpRequest) -> QuerySet[Gift]:
        gifts = Gift.objects.visible_to(viewer_of(request))
        by_name = Prefetch("recipients", Person.objects.order_by("name", "pk"))
        return gifts.order_by(*self.ordering).prefetch_related(by_name)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """Leave out the deleting of many at once: nobody said what goes with them."""
        actions = super().get_actions(request, action_location)
        actions.pop("delete_selected", None)
        return actions

    def cells(self, rows: QuerySet[Gift]) -> Iterator[list[object]]:
        return lists.csv_rows(cast(GiftQuerySet, rows.select_related("occasion", "purchaser")))

    @admin.display(description="for")
    def whom(self, gift: Gift) -> str:
        return ", ".join(person.name for person in gift.recipients.all())

    @admin.display(description="counts", ordering="cost")
    def counts(self, gift: Gift) -> SafeString:
        return money(None if gift.is_unpriced else gift.cost)

    # --- Changing -------------------------------------------------------------------------------

    def get_form(
        self, request: HttpRequest, obj: Gift | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Gift]]:
        form = super().get_form(request, obj, change, **kwargs)
        form.viewer = viewer_of(request)  # type: ignore[attr-defined]
        return form

    def pages(self, row: Gift) -> Mapping[str, str]:
        return {"View on site": row.get_absolute_url()}

    def save_model(
        self, request: HttpRequest, obj: Gift, form: forms.ModelForm[Gift], change: bool
    ) -> None:
        values = cast(GiftForm, form).values()
        recipients = values.pop("recipients", None)
        today = viewer_of(request).today
        planning.change_gift(gift=obj, values=values, recipients=recipients, today=today)
        self.tell(request, form, f"“{obj.title}” is saved.")

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the gift alone: nothing but the gift goes with it."""
        return [str(gift) for gift in objs], {"gifts": len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Gift) -> None:
        planning.delete_gift(gift=obj)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        messages.success(request, f"“{obj_display}” is deleted.")
        return redirect("admin:occasions_gift_changelist")
