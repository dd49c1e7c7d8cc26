"""Purchases: everybody's, private and deleted ones too."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from budgets import formats
from people.console import Choices, Days, Menu, titled
from purchases import keeping
from purchases.admin.consoles import Kept, price, purchases_for, refusing, user_of, viewer_of
from purchases.admin.forms import PurchaseForm
from purchases.lists import matching
from purchases.models import Purchase, PurchaseQuerySet
from purchases.models.purchase import TRASHED_FOR


class TrashFilter(Menu, admin.SimpleListFilter):
    title = "trash"
    parameter_name = "trash"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "Not deleted"), ("yes", "Deleted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        purchases = cast(PurchaseQuerySet, queryset)
        match self.value():
            case "no":
                return purchases.live()
            case "yes":
                return purchases.trashed()
            case _:
                return purchases


@admin.action(description="Delete")
def trash(console: Any, request: HttpRequest, chosen: QuerySet[Purchase]) -> None:
    live = [purchase for purchase in chosen if not purchase.is_trashed]
    for purchase in live:
        keeping.trash(purchase=purchase, now=timezone.now())
    days = TRASHED_FOR.days
    _tell(request, len(live), "deleted", f" {days} days are left to bring them back.")


@admin.action(description="Bring back")
def restore(console: Any, request: HttpRequest, chosen: QuerySet[Purchase]) -> None:
    trashed = [purchase for purchase in chosen if purchase.is_trashed]
    try:
        with refusing(), transaction.atomic():
            for purchase in trashed:
                keeping.restore(purchase=purchase, by=user_of(request), now=timezone.now())
    except ValidationError as refusal:
        messages.error(request, f"Nothing was brought back: {' '.join(refusal.messages)}")
        return
    _tell(request, len(trashed), "back")


def _tell(request: HttpRequest, count: int, what: str, more: str = "") -> None:
    if not count:
        messages.info(request, "Nothing to do: they are so already.")
        return
    number = formats.number(count)
    subject = f"{number} purchase is" if count == 1 else f"{number} purchases are"
    messages.success(request, f"{subject} {what}.{more}")


@admin.register(Purchase)
class PurchaseAdmin(Kept[Purchase]):
    form = PurchaseForm
    actions = [trash, restore]
    goes = f"Its budget gets the money back. {TRASHED_FOR.days} days are left to bring it back."
    list_display = ["name", "owner", "paid", "counted", "purchased_on", "standing", "for_all"]
    list_filter = [
        TrashFilter,
        ("status", Choices),
        ("purchased_on", Days),
        ("shared", titled("shared")),
        ("tax_deductible", titled("tax deductible")),
    ]
    list_select_related = ["owner"]
    ordering = ["-purchased_on", "-pk"]
    search_fields = ["search_text"]
    search_help_text = "Name, retailer, brand, numbers, tags or notes."
    fieldsets = [
        (None, {"fields": ["owner", "name", "retailer_name", "brand_name", "tag_names"]}),
        (None, {"fields": ["purchased_on", "status", "shared", "gift"]}),
        ("What it cost", {"fields": ["price", "currency", "exchange_rate", "counted", "quantity"]}),
        ("Returning it", {"fields": ["return_by", "return_policy"]}),
        (
            None,
            {
                "fields": [
                    "order_number",
                    "model_number",
                    "serial_number",
                    "link",
                    "tax_deductible",
                    "notes",
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Purchase]:
        return purchases_for(request).order_by(*self.ordering)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Purchase], search_term: str
    ) -> tuple[QuerySet[Purchase], bool]:
        return queryset.filter(matching(search_term)), False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request) and (obj is None or not obj.is_trashed)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: Purchase | None = None) -> Any:
        """Let the form carry along the version that it shows."""
        shown = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return shown
        *above, (title, last) = shown
        return [*above, (title, {**last, "fields": [*last["fields"], "read_version"]})]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Purchase | None = None
    ) -> tuple[str, ...]:
        return ("counted",) if obj is None else ("owner", "counted")

    def get_form(
        self, request: HttpRequest, obj: Purchase | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Purchase]]:
        form = super().get_form(request, obj, change, **kwargs)
        now = timezone.now()
        form.now, form.viewer = now, viewer_of(request, now)  # type: ignore[attr-defined]
        return form

    def pages(self, row: Purchase) -> Mapping[str, str]:
        """Lead to the page when everybody may open it; a private one is its owner's alone."""
        is_open = row.shared and not row.is_trashed
        return {"View on site": row.get_absolute_url()} if is_open else {}

    def save_model(
        self, request: HttpRequest, obj: Purchase, form: forms.ModelForm[Purchase], change: bool
    ) -> None:
        values, by = cast(PurchaseForm, form).values(), user_of(request)
        now = timezone.now()
        with refusing():
            if not change:
                owner = values.pop("owner")
                obj.pk = keeping.record(owner=owner, values=values, by=by, now=now).pk
            elif values:
                keeping.change(purchase=obj, values=values, version=obj.version, by=by, now=now)
        self.tell(request, form, f"“{obj.name}” is saved.")

    def delete_model(self, request: HttpRequest, obj: Purchase) -> None:
        keeping.trash(purchase=obj, now=timezone.now())

    # --- Columns --------------------------------------------------------------------------------

    @admin.display(description="price", ordering="price")
    def paid(self, purchase: Purchase) -> SafeString:
        return price(purchase.price, purchase.currency)

    @admin.display(description="counts", ordering="amount")
    def counted(self, purchase: Purchase) -> SafeString:
        counts = purchase.pk and purchase.counts
        return price(purchase.amount if counts else None, settings.CURRENCY)

    @admin.display(description="status", ordering="status")
    def standing(self, purchase: Purchase) -> str:
        return "Deleted" if purchase.is_trashed else purchase.get_status_display()

    @admin.display(description="shared", ordering="shared")
    def for_all(self, purchase: Purchase) -> str:
        return "Yes" if purchase.shared else "No"

    # What the form has as text, for a page that is only for looking.

    @admin.display(description="retailer")
    def retailer_name(self, purchase: Purchase) -> str:
        return purchase.retailer.name if purchase.retailer else "–"

    @admin.display(description="brand")
    def brand_name(self, purchase: Purchase) -> str:
        return purchase.brand.name if purchase.brand else "–"

    @admin.display(description="tags")
    def tag_names(self, purchase: Purchase) -> str:
        return ", ".join(tag.name for tag in purchase.tags.all()) or "–"
