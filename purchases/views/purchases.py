"""One purchase: writing it down, its own page, changing it, and moving it to the trash."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from budgets.access import rights
from budgets.ledger import Busy, OverBudget, budget_of
from budgets.models import Entry
from occasions.access import viewer_of
from occasions.models import Gift, Viewer
from people.access import MemberRequest, is_administrator
from purchases import access, files, keeping
from purchases.forms.files import UploadForm
from purchases.forms.purchases import StatusForm
from purchases.models import Purchase
from purchases.views.drafts import BUSY, Draft
from purchases.views.refusals import Refusal

Page = dict[str, Any]


@require_http_methods(["GET", "POST"])
def add(request: MemberRequest) -> HttpResponse:
    """Write down a purchase; the address may say for which gift."""
    now = timezone.now()
    draft = Draft.of(request, viewer_of(request.user, now=now), now)
    if purchase := draft.saved(keeping.record, owner=request.user):
        messages.success(request, f"“{purchase.name}” is saved.")
        return redirect(purchase)
    return render(request, "purchases/form.html", draft.page(), status=draft.status)


@require_http_methods(["GET", "POST"])
def change(request: MemberRequest, pk: int) -> HttpResponse:
    """Change one of the viewer's purchases; if somebody was faster, ask what it is to be."""
    now = timezone.now()
    viewer = viewer_of(request.user, now=now)
    purchase = access.own_purchase(viewer, pk)
    draft = Draft.of(request, viewer, now, purchase)
    try:
        saved = draft.saved(keeping.change, purchase=purchase, version=draft.form.read_version)
    except Purchase.DoesNotExist:
        raise Http404 from None
    if saved:
        messages.success(request, f"“{saved.name}” is saved.")
        return redirect(saved)
    template = "purchases/conflict.html" if draft.conflict else "purchases/form.html"
    return render(request, template, draft.page(), status=draft.status)


@require_http_methods(["GET"])
def detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show everything about a purchase."""
    now = timezone.now()
    viewer = viewer_of(request.user, now=now)
    page = _page(access.visible_purchase(viewer, pk), viewer, now)
    return render(request, "purchases/detail.html", page)


@require_http_methods(["GET", "POST"])
def status(request: MemberRequest, pk: int) -> HttpResponse:
    """Move one of the viewer's purchases to another status."""
    now = timezone.now()
    viewer = viewer_of(request.user, now=now)
    purchase = access.own_purchase(viewer, pk)
    if request.method == "GET":
        return redirect(purchase)
    form, page = StatusForm(request.POST), {}
    if form.is_valid():
        page = _move(purchase, form.cleaned_data["status"], viewer, now)
        if not page:
            return redirect(purchase)
    page = {"no_status": not form.is_valid(), **page, **_page(purchase, viewer, now)}
    return render(request, "purchases/detail.html", page, status=422)


def _move(purchase: Purchase, status: str, viewer: Viewer, now: datetime) -> Page:
    """Set the status. Returns why that cannot be, if so."""
    try:
        keeping.change(
            purchase=purchase,
            values={"status": status},
            version=purchase.version,
            by=viewer.user,
            now=now,
        )
    except ValidationError as refusal:
        return {"problem": " ".join(refusal.messages)}
    except OverBudget as refusal:
        return {"refusal": Refusal.of(refusal, viewer.user, now=now)}
    except (Busy, keeping.Conflict):
        return {"problem": BUSY}
    except Purchase.DoesNotExist:
        raise Http404 from None
    return {}


@require_http_methods(["GET", "POST"])
def delete(request: MemberRequest, pk: int) -> HttpResponse:
    """Ask whether a purchase is to go, then move it to the trash; the list offers to undo that."""
    now = timezone.now()
    viewer = viewer_of(request.user, now=now)
    purchase = access.own_purchase(viewer, pk)
    if request.method == "GET":
        page = {"purchase": purchase, "gift": _gift(purchase, viewer)}
        return render(request, "purchases/delete.html", page)
    keeping.trash_many(purchases=[purchase], by=request.user, now=now)
    return redirect("purchases:list")


def _page(purchase: Purchase, viewer: Viewer, now: datetime) -> Page:
    """Return what the page of a purchase draws on."""
    is_own = purchase.owner_id == viewer.user.pk
    return {
        "purchase": purchase,
        "viewer": viewer,
        "is_own": is_own,
        "statuses": Purchase.Status,
        "gift": _gift(purchase, viewer),
        "papers": files.papers(purchase.attachments.select_related("blob")),
        "upload_form": UploadForm() if is_own else None,
        "postings": _postings(purchase, viewer, now),
    }


def _gift(purchase: Purchase, viewer: Viewer) -> Gift | None:
    """Return what a purchase was made for, if the viewer may know."""
    if purchase.gift_id is None:
        return None
    gifts = Gift.objects.visible_to(viewer).select_related("occasion")
    return gifts.prefetch_related("recipients").filter(pk=purchase.gift_id).first()


def _postings(purchase: Purchase, viewer: Viewer, now: datetime) -> list[Entry]:
    """Return what was posted for a purchase, to those who may look at its owner's budget."""
    if purchase.owner is None or not (
        purchase.owner_id == viewer.user.pk or is_administrator(viewer.user)
    ):
        return []
    if not rights(viewer.user, budget_of(purchase.owner, now=now)).view:
        return []
    return list(Entry.objects.filter(purchase__purchase=purchase).order_by("pk"))
