"""Who may use the console's budget pages: every administrator, without further permissions."""

from typing import Any

from django.http import HttpRequest

from people.access import is_administrator


class ForAdministrators:
    """Open to administrators for looking; nothing is added or deleted here."""

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
