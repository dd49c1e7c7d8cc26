"""What the pages of this app have in common in the console."""

from decimal import Decimal
from typing import cast

from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from budgets import formats
from occasions import access
from occasions.models import Viewer
from people.access import MemberRequest


def viewer_of(request: HttpRequest) -> Viewer:
    """Return the administrator who asks, with what is a surprise to them now."""
    return access.viewer_of(cast(MemberRequest, request).user, now=timezone.now())


def money(value: Decimal | None) -> SafeString:
    """Return an amount for a list; a dash for none."""
    return format_html(
        '<span class="money">{}</span>', "–" if value is None else formats.money(value)
    )
