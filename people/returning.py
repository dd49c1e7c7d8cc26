"""The page that somebody came from, to which a form leads back."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def way_back(request: HttpRequest, otherwise: str) -> str:
    """Return the path that a request names as `next`, or `otherwise` when it is none of ours."""
    asked = request.POST if request.method == "POST" else request.GET
    wanted = asked.get("next", "")
    # A word alone would be taken for the name of a view.
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else otherwise
