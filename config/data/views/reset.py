"""Starting over with nothing."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from config import backups
from config.data.forms import ConfirmedForm
from config.data.refusals import REFUSALS, in_words, status_of
from config.data.rights import owners_only
from config.data.sessions import stays_signed_in
from people.access import MemberRequest

#: What is typed so that everything is deleted.
WORDS = "delete everything"


@require_http_methods(["GET", "POST"])
@owners_only
def reset(request: MemberRequest) -> HttpResponse:
    """Tell what goes and ask for confirmation, then delete everything but the owner's account."""
    posted = request.POST if request.method == "POST" else None
    form = ConfirmedForm(posted, user=request.user, words=WORDS)
    if not form.is_valid():
        return _ask(request, form)
    owner = request.user
    try:
        point = backups.erase_everything(keep_user=owner, now=timezone.now())
    except REFUSALS as problem:
        form.add_error(None, in_words(problem))
        return _ask(request, form, status=status_of(problem))
    stays_signed_in(request, owner)
    messages.success(
        request,
        f"Everything is deleted, and you are the only member. How things stood is in the restore"
        f" point “{point}”.",
    )
    return redirect("data:page")


def _ask(request: MemberRequest, form: ConfirmedForm, *, status: int = 422) -> HttpResponse:
    return render(
        request, "data/reset.html", {"form": form}, status=status if form.is_bound else 200
    )
