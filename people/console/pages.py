"""Lists and forms of the console, behind which the verbs write."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst

from people.console.rights import ForAdministrators, OwnFieldsAlone
from people.searching import matching


class Console[M: Model](ForAdministrators, OwnFieldsAlone[M]):
    """A list and a form whose rows are written by the verbs alone."""

    change_list_template = "admin/console/change_list.html"
    change_form_template = "admin/console/change_form.html"
    empty_value_display = "–"
    #: Whether the console's log tells who changed a row.
    keeps_history = True
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    view_on_site = False  # `pages` leads there

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj)

    # --- Looking --------------------------------------------------------------------------------

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> M:
        """Return a row; what is kept from the administrator is no more there than what is not."""
        row = super().get_object(request, object_id, from_field)
        if row is None:
            raise Http404
        return row

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[M], search_term: str
    ) -> tuple[QuerySet[M], bool]:
        """Search as the pages do: whatever the case, also beyond ASCII, each row once."""
        if not search_term:
            return queryset, False
        found = self.model._default_manager.filter(matching(search_term, *self.search_fields))
        return queryset.filter(pk__in=found.values("pk")), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    # --- Changing -------------------------------------------------------------------------------

    def name_of(self, row: M) -> str:
        """Return what the form is headed with."""
        return str(row)

    def pages(self, row: M) -> Mapping[str, str]:
        """Return the app's own pages about `row`: the words of the link, and the address."""
        return {}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except ValidationError as refusal:
            # The form was right when it was read; somebody else's change came in between.
            messages.error(request, f"Nothing was changed: {' '.join(refusal.messages)}")
            return redirect(request.get_full_path())

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: M | None = None,
    ) -> HttpResponse:
        if obj is not None:
            context |= {
                "subtitle": self.name_of(obj),
                "pages": self.pages(obj),
                "keeps_history": self.keeps_history,
            }
        context["show_save_and_add_another"] = False
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_related(self, request: Any, form: Any, formsets: Any, change: Any) -> None:
        """Write nothing more: the verb has written the relations too."""

    def response_add(
        self, request: HttpRequest, obj: M, post_url_continue: str | None = None
    ) -> HttpResponse:
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        if "_continue" in request.POST:
            form = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            return redirect(form, obj.pk)
        return self.response_post_save_add(request, obj)

    def response_change(self, request: HttpRequest, obj: M) -> HttpResponse:
        if IS_POPUP_VAR in request.POST:
            return super().response_change(request, obj)
        if "_continue" in request.POST:
            return redirect(request.get_full_path())
        return self.response_post_save_change(request, obj)

    def tell(self, request: HttpRequest, form: forms.ModelForm[M], saved: str) -> None:
        """Say what became of the form."""
        messages.success(request, saved if form.has_changed() else "Nothing was changed.")


class Untold[M: Model](Console[M]):
    """Rows whose changes leave no trace in the console's log.

    The log of one administrator can be read by others, on the page that asks before a user is
    deleted: there it would tell somebody of their own surprise.
    """

    keeps_history = False

    def log_addition(self, request: HttpRequest, obj: M, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: M, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return None

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        raise Http404
