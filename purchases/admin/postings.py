"""What the ledger was told of purchases."""

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from people.console import Choices
from purchases.admin.consoles import Shown, price, purchases_for
from purchases.models import PurchaseEntry


@admin.register(PurchaseEntry)
class PurchaseEntryAdmin(Shown[PurchaseEntry]):
    fields = ["purchase", "kind", "amount", "occurred_at", "recorded_at"]
    list_display = ["purchase", "kind", "amount", "occurred_at", "recorded_at"]
    list_filter = [("entry__kind", Choices)]
    ordering = ["-entry"]
    search_fields = ["purchase__search_text"]
    search_help_text = "Purchase."

    def get_queryset(self, request: HttpRequest) -> QuerySet[PurchaseEntry]:
        told = purchases_for(request).order_by().values("pk")
        postings = PurchaseEntry.objects.filter(purchase__in=told).order_by(*self.ordering)
        return postings.select_related("purchase", "entry")

    @admin.display(description="kind", ordering="entry__kind")
    def kind(self, posting: PurchaseEntry) -> str:
        return posting.entry.get_kind_display()

    @admin.display(description="amount", ordering="entry__amount")
    def amount(self, posting: PurchaseEntry) -> SafeString:
        return price(posting.entry.amount, settings.CURRENCY)

    @admin.display(description="counts on", ordering="entry__occurred_at")
    def occurred_at(self, posting: PurchaseEntry) -> object:
        return posting.entry.occurred_at

    @admin.display(description="recorded", ordering="entry__recorded_at")
    def recorded_at(self, posting: PurchaseEntry) -> object:
        return posting.entry.recorded_at
