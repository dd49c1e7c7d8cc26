"""The administrators' console: the built-in Django admin behind the app's own sign-in page."""

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.decorators import method_decorator
from django.contrib.auth.decorators import login_not_required


class ConsoleSite(AdminSite):
    site_header = "Pursestrings console"
    site_title = "Pursestrings console"
    index_title = "Console"

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Send visitors to the one sign-in page, and tell members that this is not for them."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied("The console is for administrators.")
        target = request.GET.get("next") or resolve_url("admin:index")
        return redirect_to_login(target, resolve_url(settings.LOGIN_URL))
