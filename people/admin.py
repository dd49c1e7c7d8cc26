"""Members and their tokens in the console."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html

from people import tokens
from people.access import MemberRequest
from people.console import Console, Menu, OwnFieldsAlone, titled
from people.models import ApiToken, Scope, User
from people.models.token import ApiTokenQuerySet


@admin.register(User)
class UserAdmin(OwnFieldsAlone[User], DjangoUserAdmin[User]):
    view_on_site = False  # the account page is that of whoever looks, not of this user
    list_display = ["username", "first_name", "last_name", "email", "timezone", "is_staff"]
    fieldsets = [
        *(DjangoUserAdmin.fieldsets or []),
        ("Household", {"fields": ["timezone"]}),
    ]
    add_fieldsets = [
        *DjangoUserAdmin.add_fieldsets,
        ("Household", {"fields": ["first_name", "last_name", "email", "timezone", "is_staff"]}),
    ]

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the members alone: what their programs were told may be millions of rows."""
        return [str(user) for user in objs], {}, set(), []


class StateFilter(Menu, admin.SimpleListFilter):
    """Those that open a door, or those that no longer do."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("live", "Live"), ("ended", "Ended")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> QuerySet[ApiToken]:
        found, now = cast(ApiTokenQuerySet, queryset), timezone.now()
        match self.value():
            case "live":
                return found.live(now)
            case "ended":
                return found.ended(now)
        return found


@admin.action(description="Revoke…")
def revoke(
    console: admin.ModelAdmin[ApiToken], request: HttpRequest, chosen: QuerySet[ApiToken]
) -> HttpResponse | None:
    """Ask whether these tokens are to end, then end them."""
    now = timezone.now()
    live = list(cast(ApiTokenQuerySet, chosen).live(now).select_related("user"))
    if not live:
        messages.info(request, "None of these opens anything any more.")
        return None
    if "apply" not in request.POST:
        return _ask(console, request, live)
    for token in live:
        tokens.revoke(token, now=now)
    actor = cast(MemberRequest, request).user
    LogEntry.objects.log_actions(actor.pk, live, CHANGE, "Revoked.")
    messages.success(request, f"Revoked: {', '.join(map(str, live))}.")
    return None


def _ask(
    console: admin.ModelAdmin[ApiToken], request: HttpRequest, live: list[ApiToken]
) -> TemplateResponse:
    context = {
        **console.admin_site.each_context(request),
        "title": "Revoke tokens",
        "opts": console.opts,
        "tokens": live,
        "checkbox": ACTION_CHECKBOX_NAME,
        "back": request.get_full_path(),
    }
    return TemplateResponse(request, "admin/people/apitoken/revoke.html", context)


@admin.register(ApiToken)
class ApiTokenAdmin(Console[ApiToken]):
    """Who has which tokens, and when each was last used; what they open is known to nobody."""

    actions = [revoke]
    list_display = ["name", "state", "user", "scopes", "begins", "last_used_at", "expires_at"]
    list_filter = [StateFilter, ("for_others", titled("on behalf of others"))]
    list_select_related = ["user"]
    search_fields = ["name", "prefix", "user__username"]
    search_help_text = "Name, beginning or owner."
    readonly_fields = ["name", "begins", "user", "may", "state"]
    readonly_fields += ["created_at", "last_used_at", "expires_at", "revoked_at"]
    fields = [*readonly_fields]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="begins with", ordering="prefix")
    def begins(self, token: ApiToken) -> str:
        return f"{token.prefix}…"

    @admin.display(description="may")
    def scopes(self, token: ApiToken) -> str:
        """Return what it may in few words; whom a token spends for is what matters most."""
        words = ", ".join(str(scope.label) for scope in token.scopes)
        if not token.for_others:
            return words
        before, spend, after = words.partition(Scope.SPEND.label)
        return format_html("{}{} <strong>for others</strong>{}", before, spend, after)

    @admin.display(description="may")
    def may(self, token: ApiToken) -> str:
        return token.rights

    @admin.display(description="state")
    def state(self, token: ApiToken) -> str:
        if token.is_live(timezone.now()):
            return "Live"
        return "Revoked" if token.revoked_at else "Expired"
