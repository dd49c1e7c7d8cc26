"""People: who they are, and which of them sign in."""

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from occasions import access, planning
from occasions.admin.consoles import viewer_of
from occasions.admin.forms import PersonForm
from people.console import Choices, Console
from people.models import Person


@admin.register(Person)
class PersonAdmin(Console[Person]):
    form = PersonForm
    list_display = ["name", "relationship", "user", "birthday"]
    list_filter = [("relationship", Choices)]
    list_select_related = ["user"]
    ordering = ["name", "pk"]
    search_fields = ["name", "user__username", "interests", "sizes", "notes"]
    search_help_text = "Name, member, interests, sizes or things to avoid."

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Person | None = None
    ) -> tuple[str, ...]:
        """Keep the fields on which presents for whoever looks hang."""
        if obj is None:
            return ()
        return tuple(sorted(access.kept_fields(viewer_of(request), obj)))

    def get_form(
        self, request: HttpRequest, obj: Person | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Person]]:
        form = super().get_form(request, obj, change, **kwargs)
        form.viewer = viewer_of(request)  # type: ignore[attr-defined]
        return form

    def pages(self, row: Person) -> Mapping[str, str]:
        return {
            "Delete…": reverse("persons:delete", args=[row.pk]),
            "View on site": row.get_absolute_url(),
        }

    def save_model(
        self, request: HttpRequest, obj: Person, form: forms.ModelForm[Person], change: bool
    ) -> None:
        values = cast(PersonForm, form).values()
        planning.save_person(person=obj, values=values, today=viewer_of(request).today)
        self.tell(request, form, f"{obj.name} is saved.")
