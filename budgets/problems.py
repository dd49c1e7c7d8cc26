"""How the ledger's refusals read to a program."""

from collections.abc import Iterator
from contextlib import contextmanager

from budgets.access import NO_SUCH_MEMBER, BudgetHidden, NoSuchMember
from budgets.ledger import BadPosting, Busy, EventTaken, HoldEnded, OverBudget
from budgets.usage.pricing import NoPrice
from budgets.wire import plain, told_at
from people.programs.problems import Problem, Refusals, invalid, not_found, problem


def over_budget(refusal: OverBudget) -> Problem:
    """Tell the figures that explain it. When it would fit is not known, and not promised."""
    return problem(
        402,
        "over-budget",
        "Over budget",
        f"{plain(refusal.asked)} does not fit: {plain(refusal.remaining)} of"
        f" {plain(refusal.limit)} is left until {told_at(refusal.ends_at)}.",
        limit=plain(refusal.limit),
        spent=plain(refusal.spent),
        held=plain(refusal.held),
        asked=plain(refusal.asked),
        remaining=plain(refusal.remaining),
        ends_at=told_at(refusal.ends_at),
    )


class OverHiddenBudget(Exception):
    """The amount does not fit, and whoever asks may not know what there is."""


@contextmanager
def figures_withheld(when: bool) -> Iterator[None]:
    """Say of what does not fit that it does not fit, and no more, to whom the budget is hidden."""
    try:
        yield
    except OverBudget:
        if when:
            raise OverHiddenBudget from None
        raise


def over_hidden_budget(refusal: OverHiddenBudget) -> Problem:
    detail = "It does not fit. Your budget is not shown to you; an administrator can change that."
    return problem(402, "over-budget", "Over budget", detail)


def event_taken(refusal: EventTaken) -> Problem:
    detail = "Another posting has this source and source_event_id."
    return problem(409, "event-taken", "The event is taken", detail)


def hold_ended(refusal: HoldEnded) -> Problem:
    detail = f"It is {refusal.hold.get_status_display().lower()}."
    return problem(409, "hold-ended", "The hold has ended", detail)


def busy(refusal: Busy) -> Problem:
    detail = "Nothing is stored, and asking again is safe."
    return problem(503, "busy", "The budget keeps changing", detail)


def bad_posting(refusal: BadPosting) -> Problem:
    field, mark, message = str(refusal).partition(": ")
    if not mark:
        return invalid(detail=str(refusal))
    return invalid({field: [f"{_capital(message)}."]})


def no_price(refusal: NoPrice) -> Problem:
    return invalid({"cost": [f"{_capital(refusal.reason)}; send the cost."]})


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def no_such_member(refusal: NoSuchMember) -> Problem:
    return not_found(NO_SUCH_MEMBER)


def hidden(refusal: BudgetHidden) -> Problem:
    detail = "Your budget is not shown to you. An administrator can change that."
    return problem(403, "budget-hidden", "Not shown to you", detail)


#: What a program is answered like any other way, also when it asks again under the same key.
FINAL: Refusals = {
    OverBudget: over_budget,
    OverHiddenBudget: over_hidden_budget,
    EventTaken: event_taken,
    HoldEnded: hold_ended,
}
REFUSALS: Refusals = {
    **FINAL,
    Busy: busy,
    BadPosting: bad_posting,
    NoPrice: no_price,
    BudgetHidden: hidden,
    NoSuchMember: no_such_member,
}
