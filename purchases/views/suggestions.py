"""What is offered while somebody types: names to choose from, and what may be there already."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from occasions.access import viewer_of
from people.access import MemberRequest
from purchases import suggesting
from purchases.forms.alike import AlikeForm
from purchases.views.drafts import found_alike


@require_http_methods(["GET"])
def suggest(request: MemberRequest, what: str) -> HttpResponse:
    """Answer the names of a kind that go on from what was typed."""
    model = suggesting.KINDS.get(what)
    if model is None:
        raise Http404
    viewer = viewer_of(request.user, now=timezone.now())
    return JsonResponse({"names": suggesting.names(model, viewer, request.GET.get("q", ""))})


@require_http_methods(["GET"])
@vary_on_headers("HX-Request")
def alike(request: MemberRequest) -> HttpResponse:
    """Answer a script: the purchases that are like what was typed so far."""
    if not request.htmx:
        return redirect("purchases:add")
    viewer = viewer_of(request.user, now=timezone.now())
    form = AlikeForm(request.GET, viewer=viewer)
    form.is_valid()  # reads the fields; while one cannot be read nothing is alike
    but = request.GET.get("but", "")
    key = int(but) if but.isascii() and but.isdecimal() and len(but) < 19 else None
    found = found_alike(form, viewer, key=key)
    return render(request, "purchases/_purchase_alike.html", {"alike": found})
