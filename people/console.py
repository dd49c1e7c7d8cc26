"""What every list of the administrators' console has: who may open it, and how it is filtered.

None of the filters asks the database for its choices.
"""

from typing import Any

from django.contrib import admin
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


class Menu:
    """A filter above the list instead of beside it: the table needs the width."""

    template = "admin/_filter.html"


class Choices(Menu, admin.ChoicesFieldListFilter):
    pass


class Days(Menu, admin.DateFieldListFilter):
    pass


def titled(title: str) -> type[admin.FieldListFilter]:
    """Return the usual filter of a yes/no field under another title."""

    class Titled(Menu, admin.BooleanFieldListFilter):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.title = title

    return Titled
