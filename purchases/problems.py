"""How it reads to a program when a verb of purchases refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.http.multipartparser import MultiPartParserError

from budgets.access import rights
from budgets.ledger import OverBudget, budget_of
from budgets.problems import OverHiddenBudget
from people.models import User
from people.programs.problems import Problem, Refusals, not_found, problem
from purchases.keeping import Conflict, InUse, UndoneBefore
from purchases.models import Attachment, Brand, Purchase, Retailer, Warranty


@contextmanager
def own_figures(user: User, *, now: datetime) -> Iterator[None]:
    """Keep the figures of a budget that is hidden from `user` out of a refusal.

    Raises OverHiddenBudget then, where the verb raises OverBudget.
    """
    try:
        yield
    except OverBudget:
        if rights(user, budget_of(user, now=now)).view:
            raise
        raise OverHiddenBudget from None


def conflict(refusal: Conflict) -> Problem:
    detail = "Somebody keeps changing it. Nothing is stored; read it again."
    return problem(409, "conflict", "It was changed meanwhile", detail)


def in_use(refusal: InUse) -> Problem:
    many = "1 purchase has it" if refusal.uses == 1 else f"{refusal.uses:,} purchases have it"
    detail = f"{many}. Merge it into another one, or choose others there."
    return problem(409, "in-use", "It is in use", detail, uses=refusal.uses)


def undone_before(refusal: UndoneBefore) -> Problem:
    return problem(409, "undone-before", "That is undone already")


def gone(refusal: Exception) -> Problem:
    """Tell of what somebody else deleted at the same moment as of what was never there."""
    return not_found()


def no_parts(refusal: MultiPartParserError) -> Problem:
    return problem(400, "bad-request", "Cannot be read", "Send the files as multipart/form-data.")


REFUSALS: Refusals = {
    Conflict: conflict,
    InUse: in_use,
    UndoneBefore: undone_before,
    MultiPartParserError: no_parts,
    **{model.DoesNotExist: gone for model in (Attachment, Brand, Purchase, Retailer, Warranty)},
}
