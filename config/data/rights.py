"""Who may open the parts of the Data page that hold what everybody wrote down."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase

from people.access import MemberRequest

type View = Callable[..., HttpResponseBase]


def is_owner(request: MemberRequest) -> bool:
    """Tell whether whoever asks owns this installation: administrators alone do not."""
    return request.user.is_superuser


def require_owner(request: MemberRequest) -> None:
    """Raise PermissionDenied for everybody but superusers."""
    if not is_owner(request):
        raise PermissionDenied("This is for the owner of this installation alone.")


def owners_only(view: View) -> View:
    """Refuse everybody but superusers, before anything of the request is looked at."""

    @wraps(view)
    def guarded(request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require_owner(request)
        return view(request, *args, **kwargs)

    return guarded
