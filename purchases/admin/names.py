"""Retailers, brands and tags: the names that purchases have."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from budgets import formats
from people.console import titled
from purchases import keeping
from purchases.admin.consoles import Kept, purchases_for, refusing
from purchases.admin.forms import NameForm
from purchases.models import Brand, Purchase, Retailer, Tag
from purchases.models.names import Name, Seller


class Names[N: Name](Kept[N]):
    """Names that come with a purchase that is no surprise to who asks."""

    form = NameForm
    list_display = ["name", "uses"]
    ordering = ["key", "pk"]
    search_fields = ["name"]
    search_help_text = "Name."
    #: What a purchase calls it.
    field: str
    own_fields = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[N]:
        told = purchases_for(request).filter(**{self.field: OuterRef("pk")}).order_by()
        uses = told.values(self.field).annotate(number=Count("pk")).values("number")
        names = self.model._default_manager.filter(self.known(told))
        counted = names.annotate(used=Coalesce(Subquery(uses), 0)).order_by(*self.ordering)
        return cast(QuerySet[N], counted)

    def known(self, told: QuerySet[Purchase]) -> Q:
        """Return what holds the names that the administrator may know of."""
        return Q(Exists(told))

    def get_form(
        self, request: HttpRequest, obj: N | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[N]]:
        form = super().get_form(request, obj, change, **kwargs)
        form.known = self.get_queryset(request)  # type: ignore[attr-defined]
        return form

    def get_fields(self, request: HttpRequest, obj: N | None = None) -> list[Any]:
        return [*self.own_fields, "into"] if obj else [*self.own_fields]

    def save_model(
        self, request: HttpRequest, obj: N, form: forms.ModelForm[N], change: bool
    ) -> None:
        values = form.cleaned_data
        with refusing():
            if into := values.get("into"):
                keeping.merge(item=cast(Any, obj), into=into)
                messages.success(request, f"“{obj.name}” is part of “{into.name}” now.")
                return
            if change:
                keeping.rename(item=cast(Any, obj), name=values["name"], link=values.get("link"))
            else:
                self.add(obj, values)
        self.tell(request, form, f"“{values['name']}” is saved.")

    def add(self, obj: N, values: dict[str, Any]) -> None:
        raise NotImplementedError

    def response_change(self, request: HttpRequest, obj: N) -> HttpResponse:
        if obj.pk is None:  # merged
            return self.response_post_save_change(request, obj)
        return super().response_change(request, obj)

    @admin.display(description="purchases", ordering="used")
    def uses(self, item: Any) -> str:
        return formats.number(item.used)


class Sellers[S: Seller](Names[S]):
    """Names with a website, which may be listed without any purchase."""

    goes = "The name and its website go from the list. This cannot be undone."
    list_display = ["name", "link", "uses", "on_the_list"]
    own_fields = ["name", "link"]
    list_filter = [("listed", titled("on the list"))]

    def known(self, told: QuerySet[Purchase]) -> Q:
        return Q(listed=True) | Q(Exists(told))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def add(self, obj: S, values: dict[str, Any]) -> None:
        item = keeping.add_name(
            model=cast(Any, self.model), name=values["name"], link=values["link"]
        )
        obj.pk = item.pk

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)
        except keeping.InUse as refusal:
            uses = formats.number(refusal.uses)
            have = "purchase has" if refusal.uses == 1 else "purchases have"
            messages.error(request, f"It stays: {uses} {have} it. Merge it with another one.")
            return redirect(f"admin:purchases_{self.opts.model_name}_change", object_id)

    def delete_model(self, request: HttpRequest, obj: S) -> None:
        keeping.remove(item=cast(Any, obj), visible=purchases_for(request))

    @admin.display(description="on the list", ordering="listed")
    def on_the_list(self, item: S) -> str:
        return "Yes" if item.listed else "No"


@admin.register(Retailer)
class RetailerAdmin(Sellers[Retailer]):
    field = "retailer"


@admin.register(Brand)
class BrandAdmin(Sellers[Brand]):
    field = "brand"


@admin.register(Tag)
class TagAdmin(Names[Tag]):
    field = "tags"
