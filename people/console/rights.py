"""Who may open the console's pages, and what may be asked of them in the address bar."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest

from people.access import is_administrator


class ForAdministrators:
    """Open to every administrator, without further permissions, for looking alone."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_administrator(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OwnFieldsAlone[M: Model](admin.ModelAdmin[M]):
    """A list that is filtered by what its rows hold, and not by what points at them."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Let nobody ask from the address bar what points at a row: by its key alone, even.

        Who has which gifts, or who bought what, would be told that way.
        """
        try:
            field = self.opts.get_field(lookup.partition(LOOKUP_SEP)[0])
        except FieldDoesNotExist:
            return super().lookup_allowed(lookup, value, request)
        return bool(field.concrete) and super().lookup_allowed(lookup, value, request)
