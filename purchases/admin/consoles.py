"""What the pages of this app have in common in the console."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.options import ActionLocation
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from budgets import ledger
from occasions import access
from occasions.models import Viewer
from people.access import MemberRequest
from people.console import Untold
from people.models import User
from purchases import formats, keeping
from purchases.models import Purchase, PurchaseQuerySet


def user_of(request: HttpRequest) -> User:
    return cast(MemberRequest, request).user


def viewer_of(request: HttpRequest, now: datetime | None = None) -> Viewer:
    """Return the administrator who asks, with what is a surprise to them now."""
    return access.viewer_of(user_of(request), now=now or timezone.now())


def purchases_for(request: HttpRequest) -> PurchaseQuerySet:
    """Return the purchases, private and deleted ones too, that are no surprise to who asks."""
    return Purchase.objects.without_surprises(viewer_of(request))


def price(amount: Decimal | None, currency: str) -> SafeString:
    """Return an amount of a currency for a list; a dash for none."""
    shown = formats.in_currency(amount, currency) or "–"
    return format_html('<span class="money">{}</span>', shown)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what came in between into a ValidationError, which the page tells."""
    try:
        yield
    except keeping.Conflict:
        raise ValidationError("somebody else changed it meanwhile.") from None
    except ledger.Busy:
        raise ValidationError("the budget kept changing. Try again.") from None
    except ObjectDoesNotExist:
        raise ValidationError("it is not there any more.") from None


class Kept[M: Model](Untold[M]):
    """Rows that are not there for whom they would give away a present, each deleted by a verb."""

    #: What to know before one is deleted.
    goes = "This cannot be undone."

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """Leave out the deleting of many at once, which would not go through the verbs."""
        actions = super().get_actions(request, action_location)
        actions.pop("delete_selected", None)
        return actions

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the row alone: what hangs on it may be a surprise."""
        return [str(row) for row in objs], {}, set(), []

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().delete_view(request, object_id, {"goes": self.goes, **(extra_context or {})})

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        messages.success(request, f"“{obj_display}” is deleted.")
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


class Shown[M: Model](Kept[M]):
    """Rows for looking alone."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
