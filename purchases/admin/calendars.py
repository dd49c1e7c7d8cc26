"""The secret addresses of members' calendars, to be taken back."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from purchases import keeping
from purchases.admin.consoles import Shown
from purchases.models import CalendarFeed


@admin.register(CalendarFeed)
class CalendarFeedAdmin(Shown[CalendarFeed]):
    goes = "Its address opens nothing any more. The member can make another one."
    fields = ["user", "made_at", "used_at"]
    list_display = ["user", "made_at", "used_at"]
    list_select_related = ["user"]
    ordering = ["user__username"]
    search_fields = ["user__username"]
    search_help_text = "Member."

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request)

    def name_of(self, row: CalendarFeed) -> str:
        return row.user.username

    def delete_model(self, request: HttpRequest, obj: CalendarFeed) -> None:
        keeping.revoke_feed(user=obj.user)
