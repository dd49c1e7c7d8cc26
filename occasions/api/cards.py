"""Who is on the list of an occasion, with their gift budgets: what stands on the cards."""

from collections.abc import Sequence
from typing import Annotated, Literal, cast

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from budgets.wire import Amount, Money
from occasions import access, planning
from occasions.api.viewing import (
    GiftFiguresShown,
    GiftStatus,
    OccasionNamed,
    PersonNamed,
    same,
    viewing,
)
from occasions.cards import Card, Line, at_stake, build, of_person
from occasions.models import Gift, Occasion, PersonOccasion, Role, Viewer
from occasions.planning.amounts import check_amounts
from people.models import Person, Scope
from people.programs.callers import ProgramRequest, may
from people.programs.fields import Flag, partial
from people.programs.matching import match, tagged
from people.programs.paging import Asked, Key, Page, RowKey
from people.programs.problems import Refused, invalid, problem, refusals

router = Router(tags=["Occasions"])


class LineShown(Schema):
    """A gift for somebody, with their share of its cost."""

    id: int
    title: str
    status: GiftStatus
    share: Money
    others: list[PersonNamed] = Field(description="Who gets it too.")

    @classmethod
    def of(cls, line: Line) -> "LineShown":
        return cls(
            id=line.gift.pk,
            title=line.gift.title,
            status=cast(GiftStatus, line.gift.status),
            share=line.share,
            others=[PersonNamed.of(person) for person in line.others],
        )


class CardShown(Schema):
    """Somebody on the list of an occasion. A budget that is none is no limit; zero is nothing.

    Where you receive gifts, what could give one away is left out: your own budget and figures for
    gifts to you, and everybody else’s for gifts by them. Those budgets and figures are none.
    """

    person: PersonNamed
    occasion: OccasionNamed
    receives: bool = Field(description="Whether gifts for them are looked for here.")
    is_surprise: bool = Field(description="Whether gifts to them are kept from you: it is you.")
    recipient_budget: Money | None = Field(description="For gifts to them.")
    purchaser_budget: Money | None = Field(description="For gifts by them.")
    received: GiftFiguresShown | None = Field(
        description="The gifts to them, a shared one by their share; none when that is a secret."
    )
    given: GiftFiguresShown | None = Field(
        description="The gifts by them; none when that is a secret."
    )
    gifts: list[LineShown] = Field(description="The gifts to them.")

    @classmethod
    def of(cls, card: Card) -> "CardShown":
        budgets = {field.name: field.amount for field in card.fields}
        return cls(
            person=PersonNamed.of(card.person),
            occasion=OccasionNamed.of(card.occasion),
            receives=card.row.receives,
            is_surprise=card.is_surprise,
            recipient_budget=budgets.get("recipient_budget"),
            purchaser_budget=budgets.get("purchaser_budget"),
            received=GiftFiguresShown.of(card.received) if card.received else None,
            given=GiftFiguresShown.of(card.given) if card.given else None,
            gifts=[LineShown.of(line) for line in card.lines],
        )


class CardBudgetSent(Schema):
    """The gift budgets of a card. What is left out stays as it is; null is no limit."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=partial)

    recipient_budget: Amount | None = Field(None, description="For gifts to them.")
    purchaser_budget: Amount | None = Field(None, description="For gifts by them.")


class PersonListed(Schema):
    """Who is put on a list."""

    model_config = ConfigDict(extra="forbid")

    person_id: RowKey
    receives: Flag = Field(
        False,
        description="Whether they surely get gifts here. Otherwise everybody does but, on somebody"
        " else’s birthday or anniversary, those who only give.",
    )


class BudgetsSent(Schema):
    """How many budgets are filled at once."""

    model_config = ConfigDict(extra="forbid")

    how: Literal["copy", "split", "all"] = Field(
        description="Those of last year where none is set, equal shares of the occasion’s budget,"
        " or one amount for everybody who receives."
    )
    amount: Amount | None = Field(None, description="For `all`: how much each of them.")


class CardFilter(Schema):
    """Which occasions of a person are told."""

    upcoming: bool = Field(True, description="False for those that are over, latest first.")


@router.get(
    "occasions/{occasion_id}/persons",
    response=Page[CardShown],
    auth=may(Scope.READ),
    summary="List who is on it",
)
def occasion_persons(request: ProgramRequest, occasion_id: Key, paging: Asked) -> dict[str, object]:
    """Tell who is on the list of an occasion, those who receive first, with their budgets."""
    viewer = viewing(request)
    occasion = get_object_or_404(Occasion, pk=occasion_id)
    part = paging.cut(occasion.links.select_related("person", "occasion"), same)
    gifts = Gift.objects.filter(occasion=occasion)
    return part | {"items": [CardShown.of(card) for card in build(part["items"], gifts, viewer)]}


@router.post(
    "occasions/{occasion_id}/persons",
    response={201: CardShown},
    auth=may(Scope.MANAGE),
    summary="Put somebody on it",
)
def add_occasion_person(
    request: ProgramRequest, response: HttpResponse, occasion_id: Key, sent: PersonListed
) -> Status[CardShown]:
    """Put somebody on the list of an occasion. Who is there already stays as they are."""
    with transaction.atomic():
        planning.hold(occasion_id)
        occasion = get_object_or_404(Occasion, pk=occasion_id)
        person = Person.objects.filter(pk=sent.person_id).first()
        if person is None:
            raise Refused(invalid({"person_id": ["There is nobody with this id."]}))
        if sent.receives:
            planning.listed(occasion=occasion, people=[person])
        else:
            planning.link(occasion=occasion, person=person)
        row = access.card_row(occasion_id=occasion_id, person_id=person.pk)
        shown = _shown(row, viewing(request))
    return Status(201, tagged(response, shown))


@router.delete(
    "occasions/{occasion_id}/persons/{person_id}",
    response={204: None, **refusals(409, 412)},
    auth=may(Scope.MANAGE),
    summary="Take somebody off it",
)
def delete_occasion_person(
    request: ProgramRequest, occasion_id: Key, person_id: Key
) -> Status[None]:
    """Take somebody off the list, with both budgets and the gifts for them alone.

    When something would be lost, or might be without your knowing, this asks first: it is 409
    unless `If-Match` says which card is meant.
    """
    viewer = viewing(request)
    with transaction.atomic():
        row = _locked(occasion_id, person_id)
        access.refuse_leaving(viewer, row)
        match(request, _shown(row, viewer))
        if "If-Match" not in request.headers and at_stake([row], viewer):
            raise Refused(_ASK)
        planning.unlink(card=row)
    return Status(204, None)


_ASK = problem(
    409,
    "would-be-lost",
    "Something may be lost",
    "Budgets and gifts of the card go with it. Read the card, and send its ETag as “If-Match”.",
)


@router.post(
    "occasions/{occasion_id}/budgets",
    response=list[CardShown],
    auth=may(Scope.MANAGE),
    summary="Fill its budgets",
)
def fill_occasion_budgets(
    request: ProgramRequest, occasion_id: Key, sent: BudgetsSent
) -> list[CardShown]:
    """Fill the budgets of many cards at once: those that you may see. Told are all cards."""
    viewer = viewing(request)
    with transaction.atomic():
        planning.hold(occasion_id)
        occasion = get_object_or_404(Occasion.objects.select_related("previous"), pk=occasion_id)
        _fill(occasion, list(occasion.links.select_related("person")), viewer, sent)
        rows = list(occasion.links.select_related("person", "occasion"))
        gifts = Gift.objects.filter(occasion=occasion)
        return [CardShown.of(card) for card in build(rows, gifts, viewer)]


def _fill(
    occasion: Occasion, rows: Sequence[PersonOccasion], viewer: Viewer, sent: BudgetsSent
) -> None:
    """Fill budgets as the helpers on the page do. Raises Refused (422) where there is nothing to.

    Whether the total is there is told only to whom it is shown.
    """
    seen = [
        (row, role) for row in rows for role in Role if access.may_see_budget(viewer, row, role)
    ]
    others = [row for row, role in seen if role is Role.RECIPIENT]
    if sent.how == "copy":
        planning.copy_last_year(occasion=occasion, budgets=seen)
    elif sent.how == "split":
        if occasion.budget_total is None or not access.may_see_total(viewer, occasion):
            raise Refused(invalid({"how": ["There is no budget that you could split."]}))
        kept = {row.pk for row in rows} - {row.pk for row in others}
        planning.split_equally(occasion=occasion, cards=rows, keep=kept)
    elif sent.amount is None:
        raise Refused(invalid({"amount": ["Enter an amount, for example 12.50."]}))
    else:
        planning.set_for_all(cards=others, amount=sent.amount)


@router.get(
    "persons/{person_id}/occasions",
    response=Page[CardShown],
    auth=may(Scope.READ),
    summary="List their occasions",
)
def person_occasions(
    request: ProgramRequest,
    person_id: Key,
    paging: Asked,
    wanted: Annotated[CardFilter, Query()],
) -> dict[str, object]:
    """Tell at which occasions somebody is on the list, with their budgets there."""
    viewer = viewing(request)
    person = get_object_or_404(Person, pk=person_id)
    rows = person.links.select_related("person", "occasion")
    upcoming = rows.filter(occasion__date__gte=viewer.today).order_by("occasion__date", "pk")
    past = rows.filter(occasion__date__lt=viewer.today).order_by("-occasion__date", "-pk")
    part = paging.cut(upcoming if wanted.upcoming else past, same)
    cards = of_person(person, viewer, part["items"])
    return part | {"items": [CardShown.of(card) for card in cards]}


@router.get(
    "persons/{person_id}/occasions/{occasion_id}/budget",
    response=CardShown,
    auth=may(Scope.READ),
    summary="Their gift budgets at an occasion",
)
def card_budget(
    request: ProgramRequest, response: HttpResponse, person_id: Key, occasion_id: Key
) -> CardShown:
    """Tell both gift budgets of somebody at an occasion, with what is bought and planned."""
    viewer = viewing(request)
    row = access.card_row(occasion_id=occasion_id, person_id=person_id)
    return tagged(response, _shown(row, viewer))


@router.put(
    "persons/{person_id}/occasions/{occasion_id}/budget",
    response={200: CardShown, **refusals(412)},
    auth=may(Scope.MANAGE),
    summary="Set their gift budgets at an occasion",
)
def set_card_budget(
    request: ProgramRequest,
    response: HttpResponse,
    person_id: Key,
    occasion_id: Key,
    sent: CardBudgetSent,
) -> CardShown:
    """Set gift budgets of somebody at an occasion: a missing one is untouched, null clears.

    They must be on its list. Without `If-Match` the last write wins.
    """
    viewer = viewing(request)
    with transaction.atomic():
        row = _locked(occasion_id, person_id)
        roles = [role for role in Role if role.field in sent.model_fields_set]
        access.refuse_hidden(
            visible=all(access.may_see_budget(viewer, row, role) for role in roles)
        )
        match(request, _shown(row, viewer))
        amounts = sent.model_dump(include={role.field for role in roles})
        check_amounts(amounts, *amounts)
        for role in roles:
            seen = row.budget(role)
            planning.save_budget(card=row, role=role, amount=amounts[role.field], seen=seen)
        row.refresh_from_db(fields=["recipient_budget", "purchaser_budget", "receives"])
        # Looked at anew: whoever gives themselves a budget has a secret there from now on.
        shown = _shown(row, viewing(request))
    return tagged(response, shown)


def _locked(occasion_id: int, person_id: int) -> PersonOccasion:
    """Return a row of a list, kept to this transaction with its occasion; 404 when not on it."""
    planning.hold(occasion_id)
    mine = PersonOccasion.objects.select_for_update().filter(occasion=occasion_id, person=person_id)
    list(mine.values_list("pk"))
    return access.card_row(occasion_id=occasion_id, person_id=person_id)


def _shown(row: PersonOccasion, viewer: Viewer) -> CardShown:
    [card] = of_person(row.person, viewer, [row])
    return CardShown.of(card)
