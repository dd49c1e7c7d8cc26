"""One's own tokens: the list, a new one with its secret told this once, and revoking."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from people import tokens
from people.access import MemberRequest, own_token
from people.forms.tokens import TokenForm

#: How many tokens that ended are shown at once.
PAGE = 20


@require_http_methods(["GET"])
def listing(request: MemberRequest) -> HttpResponse:
    """Show the tokens that open a door, and below them those that no longer do."""
    now = timezone.now()
    own = request.user.tokens
    context = {
        "live": own.live(now),
        "page": Paginator(own.ended(now), PAGE).get_page(request.GET.get("page")),
        "now": now,
        "soon": now + tokens.SOON,
    }
    return render(request, "people/tokens.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """Make a token and show its secret, which is in this one answer and nowhere else."""
    now = timezone.now()
    form = TokenForm(request.POST if request.method == "POST" else None, user=request.user, now=now)
    if form.is_valid():
        try:
            minted = tokens.mint(user=request.user, now=now, **form.values())
        except tokens.NameTaken as taken:
            form.refuse_name(taken.token)
        except tokens.TooMany:
            form.add_error(None, f"You have {tokens.MOST} tokens. Revoke one that is not needed.")
        except tokens.NotForOthers:
            form.add_error(None, "You are no administrator any more.")
        else:
            return _told(request, minted)
    status = 422 if form.errors else 200
    return render(request, "people/token_add.html", {"form": form}, status=status)


def _told(request: MemberRequest, minted: tokens.Minted) -> HttpResponse:
    context = {
        "token": minted.token,
        "secret": minted.secret,
        "address": request.build_absolute_uri(reverse("api:me")),
    }
    return render(request, "people/token_made.html", context)


@require_http_methods(["GET", "POST"])
def revoke(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask whether a token is to end, then end it."""
    now = timezone.now()
    token = own_token(request.user, pk)
    if not token.is_live(now):
        messages.info(request, f"“{token.name}” opens nothing any more already.")
        return redirect("people:tokens")
    if request.method == "GET":
        return render(request, "people/token_revoke.html", {"token": token})
    tokens.revoke(token, now=now)
    messages.success(request, f"“{token.name}” is revoked. It opens nothing any more.")
    return redirect("people:tokens")
