"""Many purchases at once: changed, deleted, and put back as they were."""

from typing import Annotated, Self

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from pydantic import ConfigDict, Field, model_validator

from budgets.problems import FINAL
from occasions.access import viewer_of
from people.models import Scope
from people.programs.callers import ProgramRequest, may
from people.programs.fields import Flag, partial
from people.programs.once import Reply, once
from people.programs.paging import Key, RowKey
from people.programs.problems import Refused, invalid, refusals
from purchases import keeping, lists
from purchases.api.fields import Status
from purchases.api.reading import Tags
from purchases.keeping import Edit
from purchases.models import Purchase, UndoStep
from purchases.models.names import MAX_NAME
from purchases.naming import fold
from purchases.problems import own_figures

router = Router(tags=["Purchases"])

#: The most purchases of one request.
_MOST = 1_000


class PurchasesChosen(Schema):
    """Which purchases are meant; what is not yours, or not there, is left alone."""

    model_config = ConfigDict(extra="forbid")

    ids: list[RowKey] = Field(min_length=1, max_length=_MOST)


class PurchasesChange(PurchasesChosen):
    """What to set of many purchases; what is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra=partial)

    add_tags: Tags = []
    remove_tags: Tags = []
    status: Status | None = None
    retailer: Annotated[str, Field(max_length=MAX_NAME)] | None = Field(
        None, description="A name; null takes the retailer away."
    )
    shared: Flag | None = Field(None, description="With the household, or private.")

    @model_validator(mode="after")
    def says_something(self) -> Self:
        if not self.model_fields_set - {"ids"}:
            raise ValueError("Say what is to be changed.")
        return self

    def edit(self, own: list[Purchase]) -> Edit:
        """Return what the verb is to set; tags that none of these has need not be taken off."""
        going = {fold(name) for name in self.remove_tags}
        return Edit(
            add_tags=self.add_tags,
            remove_tags=[tag.pk for one in own for tag in one.tags.all() if tag.key in going],
            status=Purchase.Status(self.status) if self.status else None,
            retailer=(self.retailer or "") if "retailer" in self.model_fields_set else None,
            shared=self.shared,
        )


class PurchasesChanged(Schema):
    """What became of many purchases."""

    changed: int = Field(description="How many are different now.")
    left_alone: int = Field(description="How many are not yours, or not there any more.")
    step: int | None = Field(description="What puts it back; none when nothing changed.")

    @classmethod
    def of(cls, step: UndoStep | None, chosen: lists.Chosen) -> "PurchasesChanged":
        return cls(
            changed=len(step.before) if step else 0,
            left_alone=chosen.others,
            step=step.pk if step else None,
        )


class PurchasesUndone(Schema):
    """What was put back as it was."""

    restored: int
    left: list[int] = Field(description="The ids of what was changed since, and stays as it is.")
    gone: int = Field(description="How many are not there any more.")


@router.post(
    "purchases/bulk",
    response={200: PurchasesChanged, **refusals(402)},
    auth=may(Scope.MANAGE),
    summary="Change many purchases",
)
def change_purchases(request: ProgramRequest, sent: PurchasesChange) -> HttpResponse:
    """Change those of the purchases that are yours, all or none. The step can be undone."""
    now = timezone.now()

    def work() -> Reply:
        chosen = _chosen(request, sent)
        edit = sent.edit(chosen.own)
        with own_figures(request.user, now=now):
            step = keeping.change_many(purchases=chosen.own, edit=edit, by=request.user, now=now)
        return Reply.of(PurchasesChanged.of(step, chosen))

    return once(request, work, final=FINAL)


@router.post(
    "purchases/bulk/delete",
    response={200: PurchasesChanged},
    auth=may(Scope.MANAGE),
    summary="Delete many purchases",
)
def delete_purchases(request: ProgramRequest, sent: PurchasesChosen) -> PurchasesChanged:
    """Move those of the purchases that are yours to the trash. The step can be undone."""
    chosen = _chosen(request, sent)
    step = keeping.trash_many(purchases=chosen.own, by=request.user, now=timezone.now())
    return PurchasesChanged.of(step, chosen)


@router.post(
    "purchases/bulk/{step_id}/undo",
    response={200: PurchasesUndone, **refusals(402, 409)},
    auth=may(Scope.MANAGE),
    summary="Undo a step",
)
def undo_purchases(request: ProgramRequest, step_id: Key) -> HttpResponse:
    """Put back what a step changed, where nothing was changed since. Steps are kept for a day."""
    now = timezone.now()

    def work() -> Reply:
        step = get_object_or_404(UndoStep, user=request.user, pk=step_id)
        with own_figures(request.user, now=now):
            undone = keeping.undo(step=step, by=request.user, now=now)
        left = [purchase.pk for purchase in undone.left]
        return Reply.of(PurchasesUndone(restored=undone.restored, left=left, gone=undone.gone))

    return once(request, work, final=FINAL)


def _chosen(request: ProgramRequest, sent: PurchasesChosen) -> lists.Chosen:
    viewer = viewer_of(request.user, now=timezone.now())
    chosen = lists.chosen(viewer, map(str, sent.ids))
    if not chosen.own:
        raise Refused(invalid({"ids": ["Choose some of your own purchases."]}))
    return chosen
