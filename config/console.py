"""The administrators' console: the built-in Django admin behind the app's own sign-in page."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, cast

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator

from budgets import ledger
from budgets.totals import totals


class ConsoleSite(AdminSite):
    site_header = "Pursestrings console"
    site_title = "Pursestrings console"
    index_title = "Console"
    index_template = "admin/budgets/index.html"

    @method_decorator(login_not_required)
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send visitors to the one sign-in page, and tell members that this is not for them."""
        self._refuse_members(request)
        target = request.GET.get("next") or resolve_url("admin:index")
        return redirect_to_login(target, resolve_url(settings.LOGIN_URL))

    def admin_view[V: Callable[..., HttpResponseBase]](self, view: V, cacheable: bool = False) -> V:
        """Answer a signed-in member with 403 at once, instead of asking them to sign in."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            self._refuse_members(request)
            return inner(request, *args, **kwargs)

        return cast(V, update_wrapper(guarded, inner))

    def _refuse_members(self, request: HttpRequest) -> None:
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied("The console is for administrators.")

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        ledger.bring_up_to_date(now=timezone.now())
        return super().index(request, {"totals": totals(), **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the apps, ours first, from what is looked at most."""
        apps = super().get_app_list(request, app_label)
        return sorted(apps, key=lambda app: _place(app["app_label"]))

    def get_urls(self) -> list[Any]:
        """Leave out the redirect from any row's key to its page.

        It would tell of a row that its page keeps hidden.
        """
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]


def _place(app_label: str) -> int:
    first = ["budgets", "purchases", "occasions", "people"]
    return first.index(app_label) if app_label in first else len(first)
