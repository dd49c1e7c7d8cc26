"""The page of an occasion: its people on cards, their budgets and their gifts."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from budgets import formats
from budgets.fields import currency_places
from budgets.money import typed
from occasions import access, cards, planning
from occasions.cards import BudgetField, Card
from occasions.figures import over_allocated
from occasions.forms.cards import AmountForm, BudgetForm, PeopleForm, QuickGiftForm
from occasions.models import Occasion, PersonOccasion, Role, Viewer
from occasions.summaries import summarise
from people.access import MemberRequest
from people.returning import way_back

Page = dict[str, Any]


@require_http_methods(["GET"])
@vary_on_headers("HX-Request", "HX-Target")
def detail(request: MemberRequest, pk: int) -> HttpResponse:
    """Show an occasion: where it stands, and a card for everybody on its list."""
    viewer = access.viewer_of(request.user, now=timezone.now())
    occasion = _occasion(pk)
    # Asked for after each budget that saved itself; the cards are nearly all of the page's cost.
    if request.htmx.target == "occasion-figures" and not request.htmx.history_restore_request:
        budgets = occasion.links.values_list("recipient_budget", flat=True)
        figures = _figures(occasion, viewer, budgets)
        return render(request, "occasions/_occasion_figures.html", figures)
    return render(request, "occasions/detail.html", _page(occasion, viewer))


@require_http_methods(["GET", "POST"])
def card(request: MemberRequest, pk: int, person_id: int) -> HttpResponse:
    """Save what was typed into the money fields of one card, each for itself."""
    viewer = access.viewer_of(request.user, now=timezone.now())
    row = access.card_row(occasion_id=pk, person_id=person_id)
    if request.method == "GET":
        return redirect(f"{row.occasion.get_absolute_url()}#{cards.card_key(row)}")
    sent = [role for role in Role if role.field in request.POST]
    access.refuse_hidden(
        visible=bool(sent) and all(access.may_see_budget(viewer, row, role) for role in sent)
    )
    fields = [_save(row, role, BudgetForm(request.POST, role)) for role in sent]
    states = {field.state for field in fields}
    status = 409 if "stale" in states else 422 if "refused" in states else 200
    if request.htmx:
        return _saved(request, viewer, row, fields, status)
    if "leaving" in request.POST:
        return _say_on_the_next_page(request, fields)
    back = way_back(request, row.occasion.get_absolute_url())
    if status == 200:
        return redirect(back)
    page = _page(_occasion(pk), viewer) | {"come_back": back}
    page["cards"] = [_with_fields(card, row, fields) for card in page["cards"]]
    return render(request, "occasions/detail.html", page, status=status)


def _say_on_the_next_page(request: MemberRequest, fields: list[BudgetField]) -> HttpResponse:
    """Answer nothing to a page that is gone; what it could not save is told on the next one."""
    for field in fields:
        if field.words:
            messages.error(request, f"{field.label}: “{field.text}” is not saved: {field.words}")
    return HttpResponse(status=204)


def _save(row: PersonOccasion, role: Role, form: BudgetForm) -> BudgetField:
    """Save one budget, and tell what became of it."""
    field = replace(cards.budget_field(row, role), text=form.typed, stored=form.read)
    if not form.is_valid():
        return replace(field, state="refused", words=form.why)
    amount, seen = form.cleaned_data["amount"], form.cleaned_data["seen"]
    try:
        is_changed = planning.save_budget(card=row, role=role, amount=amount, seen=seen)
    except PersonOccasion.DoesNotExist:
        raise Http404 from None
    except planning.StaleBudget as stale:
        theirs = "no limit" if stale.theirs is None else formats.money(stale.theirs)
        return replace(
            field,
            stored=typed(stale.theirs, places=currency_places()),
            state="stale",
            words=f"meanwhile somebody else saved {theirs}.",
        )
    # Sent as it was read, it is not saved: what stands there may be somebody else's by now.
    is_saved = is_changed or amount != seen
    text = typed(amount if is_saved else row.budget(role), places=currency_places())
    return replace(field, text=text, stored=text, state="saved" if is_saved else "")


def _saved(
    request: MemberRequest,
    viewer: Viewer,
    row: PersonOccasion,
    fields: list[BudgetField],
    status: int,
) -> HttpResponse:
    """Answer a field that saves itself: the figures of that card, and what became of it."""
    row.refresh_from_db(fields=["recipient_budget", "purchaser_budget", "receives"])
    [drawn] = cards.of_person(row.person, viewer, [row])
    answer = render(
        request, "occasions/_saved.html", {"card": drawn, "fields": fields}, status=status
    )
    if status == 200:
        answer["HX-Trigger"] = "budget-saved"
    return answer


def _with_fields(card: Card, row: PersonOccasion, fields: list[BudgetField]) -> Card:
    if card.row.pk != row.pk:
        return card
    tried = {field.role: field for field in fields}
    return replace(card, fields=[tried.get(field.role, field) for field in card.fields])


@require_http_methods(["GET", "POST"])
def quick_add(request: MemberRequest, pk: int, person_id: int) -> HttpResponse:
    """Write down a gift for one person from a title and, perhaps, a price."""
    viewer = access.viewer_of(request.user, now=timezone.now())
    row = access.card_row(occasion_id=pk, person_id=person_id)
    access.refuse_hidden(visible=access.may_see_budget(viewer, row, Role.RECIPIENT))
    if request.method == "GET":
        return redirect(f"{row.occasion.get_absolute_url()}#{cards.card_key(row)}")
    form = QuickGiftForm(request.POST, key=cards.card_key(row))
    if form.is_valid():
        planning.add_gift(
            occasion=row.occasion,
            recipients=[row.person],
            values=form.cleaned_data,
            today=viewer.today,
        )
        return redirect(way_back(request, row.occasion.get_absolute_url()))
    page = _page(_occasion(pk), viewer) | {"quick": {row.pk: form}}
    return render(request, "occasions/detail.html", page, status=422)


@require_http_methods(["GET", "POST"])
def people(request: MemberRequest, pk: int) -> HttpResponse:
    """Choose who is on the list; taking somebody off who has something there asks first."""
    viewer = access.viewer_of(request.user, now=timezone.now())
    occasion = _occasion(pk)
    listed = list(occasion.people.all())
    form = PeopleForm(request.POST if request.method == "POST" else None, listed=listed)
    if not form.is_valid():
        page = _page(occasion, viewer) | {"people_form": form, "choosing": True}
        return render(request, "occasions/detail.html", page, status=422 if form.is_bound else 200)
    chosen, shown = set(form.cleaned_data["people"]), form.cleaned_data["shown"]
    is_kept = viewer.person is not None and viewer.person.pk in shown
    if is_kept and not access.may_rearrange(viewer, occasion):
        chosen.add(viewer.person)
    gone = shown - {person.pk for person in chosen}
    leaving = list(occasion.links.filter(person__in=gone).select_related("person", "occasion"))
    asked = cards.at_stake(leaving, viewer)
    if asked and not _is_confirmed(request, asked):
        return _ask(request, viewer, occasion, asked, form)
    planning.set_people(occasion=occasion, shown=shown, chosen=chosen)
    messages.success(request, "The list is saved.")
    return redirect(occasion)


@require_http_methods(["GET", "POST"])
def remove(request: MemberRequest, pk: int, person_id: int) -> HttpResponse:
    """Take one person off the list, after asking when something goes with them."""
    viewer = access.viewer_of(request.user, now=timezone.now())
    row = access.card_row(occasion_id=pk, person_id=person_id)
    access.refuse_leaving(viewer, row)
    asked = cards.at_stake([row], viewer)
    if request.method == "GET" or (asked and not _is_confirmed(request, asked)):
        leaving = asked or cards.of_person(row.person, viewer, [row])
        return _ask(request, viewer, row.occasion, leaving)
    planning.unlink(card=row)
    messages.success(request, f"{row.person} is off the list.")
    return redirect(row.occasion)


def _ask(
    request: MemberRequest,
    viewer: Viewer,
    occasion: Occasion,
    leaving: list[Card],
    form: PeopleForm | None = None,
) -> HttpResponse:
    """Say what goes with the cards, and ask."""
    context = {
        "occasion": occasion,
        "leaving": leaving,
        "form": form,
        "told": cards.digest(leaving),
        "surprised": viewer.is_surprised_at(occasion.pk),
    }
    return render(request, "occasions/remove.html", context)


def _is_confirmed(request: MemberRequest, asked: list[Card]) -> bool:
    """Tell whether just this was told before: a gift added meanwhile must not go unseen."""
    return request.POST.get("confirmed") == cards.digest(asked)


@require_http_methods(["GET", "POST"])
def receives(request: MemberRequest, pk: int, person_id: int) -> HttpResponse:
    """Put somebody who only gave among those for whom gifts are looked for."""
    row = access.card_row(occasion_id=pk, person_id=person_id)
    if request.method == "POST":
        planning.listed(occasion=row.occasion, people=[row.person])
    return redirect(f"{row.occasion.get_absolute_url()}#{cards.card_key(row)}")


@require_http_methods(["GET", "POST"])
def helpers(request: MemberRequest, pk: int) -> HttpResponse:
    """Fill the budgets of many cards at once: those that the viewer may see."""
    viewer = access.viewer_of(request.user, now=timezone.now())
    occasion = _occasion(pk)
    if request.method == "GET":
        return redirect(occasion)
    rows = list(occasion.links.select_related("person"))
    kept = [row.pk for row in rows if not access.may_see_budget(viewer, row, Role.RECIPIENT)]
    others = [row for row in rows if row.pk not in kept]
    form = AmountForm(request.POST)
    match request.POST.get("helper"):
        case "copy":
            seen = [
                (row, role)
                for row in rows
                for role in Role
                if access.may_see_budget(viewer, row, role)
            ]
            filled = planning.copy_last_year(occasion=occasion, budgets=seen)
            said = f"{filled} filled from last year." if filled else "There was nothing to fill."
        case "split" if occasion.budget_total is not None and access.may_see_total(
            viewer, occasion
        ):
            planning.split_equally(occasion=occasion, cards=rows, keep=kept)
            said = "The budget is split equally."
        case "all" if form.is_valid():
            planning.set_for_all(cards=others, amount=form.cleaned_data["amount"])
            said = "Everybody who gets gifts has that budget now."
        case _:
            page = _page(occasion, viewer) | {"amount_form": form, "sharing": True}
            return render(request, "occasions/detail.html", page, status=422)
    messages.success(request, said)
    return redirect(occasion)


def _occasion(pk: int) -> Occasion:
    occasions = Occasion.objects.select_related("previous", "celebrates", "next")
    return get_object_or_404(occasions, pk=pk)


def _page(occasion: Occasion, viewer: Viewer) -> Page:
    """Collect what the page of an occasion shows."""
    drawn = cards.of_occasion(occasion, viewer)
    return {
        **_figures(occasion, viewer, [card.row.recipient_budget for card in drawn]),
        "cards": drawn,
        "may_rearrange": access.may_rearrange(viewer, occasion),
        "people_form": PeopleForm(None, listed=[card.person for card in drawn]),
        "amount_form": AmountForm(),
        "quick": {},
    }


def _figures(occasion: Occasion, viewer: Viewer, budgets: Iterable[Decimal | None]) -> Page:
    """Collect where an occasion stands as a whole; `budgets` are those for gifts to its people."""
    [summary] = summarise([occasion], viewer)
    # Where the viewer receives, the total is kept from them, and with it whether it is exceeded.
    total = None if summary.is_surprise else occasion.budget_total
    return {
        "occasion": occasion,
        "viewer": viewer,
        "summary": summary,
        "may_see_total": access.may_see_total(viewer, occasion),
        "over_allocated": over_allocated(total, budgets),
    }
