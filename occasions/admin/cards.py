"""Gift budgets: how much for whom, and by whom, at each occasion."""

from collections.abc import Mapping
from typing import cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from occasions import planning
from occasions.admin.consoles import money, viewer_of
from occasions.admin.filters import OccasionWhenFilter
from occasions.admin.forms import CardForm
from occasions.cards import card_key
from occasions.models import PersonOccasion, Role
from people.console import Choices, Untold, titled


@admin.register(PersonOccasion)
class PersonOccasionAdmin(Untold[PersonOccasion]):
    form = CardForm
    list_display = ["who", "occasion", "gets_gifts", "budget_for", "budget_by"]
    list_filter = [
        OccasionWhenFilter,
        ("occasion__kind", Choices),
        ("receives", titled("gets gifts")),
    ]
    list_select_related = ["person", "occasion"]
    ordering = ["-occasion__date", "-occasion", "person__name", "pk"]
    readonly_fields = ["person", "occasion", "receives"]
    search_fields = ["person__name", "occasion__name"]
    search_help_text = "Person or occasion."
    fieldsets = [
        (None, {"fields": ["person", "occasion", "receives"]}),
        ("Budgets", {"fields": ["recipient_budget", "purchaser_budget"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PersonOccasion]:
        """Leave out every row of an occasion that is a surprise to whoever looks.

        Some of its budgets are no secret to them, but a row shows both.
        """
        rows = super().get_queryset(request).select_related("person", "occasion")
        return rows.exclude(occasion__in=viewer_of(request).surprises)

    def name_of(self, row: PersonOccasion) -> str:
        return f"{row.person.name} at {row.occasion.name}"

    def pages(self, row: PersonOccasion) -> Mapping[str, str]:
        return {"View on site": f"{row.occasion.get_absolute_url()}#{card_key(row)}"}

    def save_model(
        self,
        request: HttpRequest,
        obj: PersonOccasion,
        form: forms.ModelForm[PersonOccasion],
        change: bool,
    ) -> None:
        typed = cast(CardForm, form)
        values = typed.values()
        for role in Role:
            if role.field not in values:
                continue
            amount, seen = values[role.field], typed.seen(role)
            try:
                planning.save_budget(card=obj, role=role, amount=amount, seen=seen)
            except planning.StaleBudget:
                raise ValidationError("somebody else saved this budget meanwhile.") from None
        self.tell(request, form, f"The budgets of {self.name_of(obj)} are saved.")

    @admin.display(description="person", ordering="person__name")
    def who(self, row: PersonOccasion) -> str:
        return row.person.name

    @admin.display(description="gets gifts here", ordering="receives")
    def gets_gifts(self, row: PersonOccasion) -> str:
        return "Yes" if row.receives else "No"

    @admin.display(description="for gifts to them", ordering="recipient_budget")
    def budget_for(self, row: PersonOccasion) -> SafeString:
        return money(row.recipient_budget)

    @admin.display(description="for gifts by them", ordering="purchaser_budget")
    def budget_by(self, row: PersonOccasion) -> SafeString:
        return money(row.purchaser_budget)
