"""The list of purchases, and what is done to many of them: bulk edits, the trash, undoing."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from budgets import formats, ledger, sheets
from budgets.access import rights
from budgets.ledger import Busy, OverBudget
from budgets.status import Status
from occasions.access import viewer_of
from people.access import MemberRequest
from people.models import User
from people.returning import way_back
from purchases import access, keeping, lists
from purchases import columns as sights
from purchases.forms.bulk import BulkForm
from purchases.forms.listing import ColumnsForm, ListForm
from purchases.models import Preferences, UndoStep

Page = dict[str, Any]

#: How many of those that an undo leaves alone are named.
_NAMED = 3
_BUSY = "Your budget was busy just now, and nothing was changed. Try again."


@require_http_methods(["GET"])
@vary_on_headers("HX-Request", "HX-Target")
def index(request: MemberRequest) -> HttpResponse:
    """List the purchases that the filters leave, and add them up."""
    now = timezone.now()
    viewer = viewer_of(request.user, now=now)
    form = ListForm(request.GET, viewer=viewer)
    purchases = lists.found(viewer, form.wanted(), form.order)
    totals = lists.totals(purchases, are_all=not form.is_asking)
    paginator = Paginator(lists.drawn(purchases), form.page_size)
    paginator.count = totals.count  # counted already
    page = paginator.get_page(request.GET.get("page"))
    shown = _shown(request.user)
    beside = [column for column in shown if not column.is_below]
    context = {
        "viewer": viewer,
        "form": form,
        "totals": totals,
        "page": page,
        "rows": lists.rows(page.object_list, viewer),
        "columns": beside,
        "below": {column.name for column in shown if column.is_below},
        "heads": sights.heads(beside, form.order),
        "columns_form": ColumnsForm(initial={"columns": [column.name for column in shown]}),
        "step": lists.last_step(viewer, now),
    }
    part = request.htmx.target if request.htmx and not request.htmx.history_restore_request else ""
    template = "purchases/list.html"
    return render(request, f"{template}#{part}" if part == "purchases" else template, context)


@require_http_methods(["GET"])
def csv(request: MemberRequest) -> HttpResponseBase:
    """Download the purchases as the page filters and sorts them, with all columns."""
    viewer = viewer_of(request.user, now=timezone.now())
    form = ListForm(request.GET, viewer=viewer)
    if not form.is_valid():
        # The page says what cannot be read; a file of everything would be what nobody asked for.
        return redirect(f"{reverse('purchases:list')}?{request.GET.urlencode()}")
    purchases = lists.drawn(lists.found(viewer, form.wanted(), form.order))
    return StreamingHttpResponse(
        sheets.stream(sights.CSV_HEADER, sights.csv_rows(purchases, viewer)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="pursestrings-purchases.csv"'},
    )


@require_http_methods(["GET", "POST"])
def columns(request: MemberRequest) -> HttpResponse:
    """Choose which columns the list shows; they are remembered."""
    if request.method == "GET":
        chosen = [column.name for column in _shown(request.user)]
        form = ColumnsForm(initial={"columns": chosen})
        return render(request, "purchases/columns.html", {"form": form})
    form = ColumnsForm(request.POST)
    if not form.is_valid():
        return render(request, "purchases/columns.html", {"form": form}, status=422)
    keeping.choose_columns(user=request.user, columns=form.cleaned_data["columns"])
    return redirect(way_back(request, reverse("purchases:list")))


@require_http_methods(["GET", "POST"])
def bulk(request: MemberRequest) -> HttpResponse:
    """Ask what is to be done to the chosen purchases, then do it to those that are one's own."""
    now = timezone.now()
    viewer = viewer_of(request.user, now=now)
    asked = request.POST if request.method == "POST" else request.GET
    chosen = lists.chosen(viewer, asked.getlist("pick"))
    back = way_back(request, reverse("purchases:list"))
    if not chosen.own:
        messages.info(request, "Choose some of your own purchases first.")
        return redirect(back)
    deletes = asked.get("do") == "delete"
    posted = request.POST if request.method == "POST" else None
    form = BulkForm(None if deletes else posted, viewer=viewer, purchases=chosen.own)
    page = {"chosen": chosen, "form": form, "back": back}
    if posted is not None and (deletes or form.is_valid()):
        refusal = _do(request, chosen, form=None if deletes else form, now=now)
        if not refusal:
            return redirect(back)
        page["refusal"] = refusal
    template = "purchases/bulk_delete.html" if deletes else "purchases/bulk.html"
    return render(request, template, page, status=422 if posted is not None else 200)


def _do(
    request: MemberRequest, chosen: lists.Chosen, *, form: BulkForm | None, now: datetime
) -> str:
    """Change the chosen purchases as the form says, or delete them. Returns why not, if so."""
    who, own = request.user, chosen.own
    try:
        if form is None:
            step = keeping.trash_many(purchases=own, by=who, now=now)
        else:
            step = keeping.change_many(purchases=own, edit=form.edit(), by=who, now=now)
    except OverBudget:
        return f"They do not all fit into your budget{_left(who, now)}. Nothing was changed."
    except ValidationError as refusal:
        return f"{' '.join(refusal.messages)} Nothing was changed."
    except Busy:
        return _BUSY
    if step is None:
        messages.info(request, "Nothing had to be changed.")
    if chosen.others:
        told = "1 was" if chosen.others == 1 else f"{formats.number(chosen.others)} were"
        why = "only their owner changes them, or they are not there any more"
        messages.warning(request, f"{told} left alone: {why}.")
    return ""


@require_http_methods(["GET", "POST"])
def undo(request: MemberRequest, step: int) -> HttpResponse:
    """Put back what was changed of many purchases, where nothing else changed since."""
    stored = get_object_or_404(UndoStep, user=request.user, pk=step)
    back = way_back(request, reverse("purchases:list"))
    if request.method == "GET":
        return redirect(back)
    now = timezone.now()
    try:
        undone = keeping.undo(step=stored, by=request.user, now=now)
    except keeping.UndoneBefore:
        messages.info(request, "That is undone already.")
    except OverBudget:
        left = _left(request.user, now)
        messages.error(request, f"They do not all fit into your budget{left}. Nothing was undone.")
    except ValidationError as refusal:
        messages.error(request, f"{' '.join(refusal.messages)} Nothing was undone.")
    except Busy:
        messages.error(request, _BUSY)
    else:
        _tell(request, undone)
    return redirect(back)


def _tell(request: MemberRequest, undone: keeping.Undone) -> None:
    """Say what is as it was, and what was left alone."""
    if undone.restored:
        many = "s are as they were" if undone.restored > 1 else " is as it was"
        messages.success(request, f"{formats.number(undone.restored)} purchase{many}.")
    for purchase in undone.left[:_NAMED]:
        messages.warning(request, f"“{purchase.name}” was changed since, and stays as it is now.")
    if more := len(undone.left[_NAMED:]):
        stay = "stays as it is" if more == 1 else "stay as they are"
        messages.warning(request, f"And {formats.number(more)} more {stay}: changed since too.")
    if undone.gone:
        many = "s are" if undone.gone > 1 else " is"
        messages.warning(request, f"{formats.number(undone.gone)} purchase{many} gone for good.")


@require_http_methods(["GET"])
def trash(request: MemberRequest) -> HttpResponse:
    """List what the viewer deleted and can bring back."""
    return render(request, "purchases/trash.html", _trash_page(request))


@require_http_methods(["GET", "POST"])
def restore(request: MemberRequest, pk: int) -> HttpResponse:
    """Bring a deleted purchase back, if the budget has room for it."""
    if request.method == "GET":
        return redirect("purchases:trash")
    now = timezone.now()
    purchase = access.own_trashed(viewer_of(request.user, now=now), pk)
    try:
        keeping.restore(purchase=purchase, by=request.user, now=now)
    except OverBudget:
        left = _left(request.user, now)
        refusal = f"“{purchase.name}” does not fit into your budget{left}. It stays in the trash."
    except ValidationError as problem:
        refusal = f"{' '.join(problem.messages)} “{purchase.name}” stays in the trash."
    except Busy:
        refusal = _BUSY
    else:
        messages.success(request, f"“{purchase.name}” is back.")
        return redirect(way_back(request, purchase.get_absolute_url()))
    page = _trash_page(request) | {"refusal": refusal}
    return render(request, "purchases/trash.html", page, status=422)


def _trash_page(request: MemberRequest) -> Page:
    now = timezone.now()
    viewer = viewer_of(request.user, now=now)
    page = Paginator(lists.trashed(viewer), lists.PAGE).get_page(request.GET.get("page"))
    rows = [(purchase, lists.days_left(purchase, now)) for purchase in page]
    return {"page": page, "rows": rows}


def _left(user: User, now: datetime) -> str:
    """Say how much is left until when, to whom the budget is shown."""
    budget = ledger.budget_of(user, now=now)
    if not rights(user, budget).view:
        return ""
    status = Status.of(budget, ledger.roll(budget, now=now), now=now)
    return f": {formats.money(status.standing.remaining)} is left {status.until}"


def _shown(user: User) -> list[sights.Column]:
    """Return the columns that a member chose."""
    stored = Preferences.objects.filter(user=user).values_list("purchase_columns", flat=True)
    return sights.shown(stored.first() or ())
