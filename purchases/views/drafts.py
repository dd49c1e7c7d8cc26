"""A purchase that is being written: what was typed about it, and why it is not saved yet."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from budgets.ledger import Busy, OverBudget
from occasions.models import Viewer
from people.access import MemberRequest
from purchases import suggesting
from purchases.alike import alike
from purchases.forms.alike import AlikeForm
from purchases.forms.purchases import PurchaseForm, typed
from purchases.forms.warranties import WarrantyForm, warranty_values
from purchases.keeping import Conflict
from purchases.models import Purchase
from purchases.views.refusals import Refusal
from purchases.views.uploads import Waiting, waiting

#: What is offered beside the base currency.
CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CHF", "SEK", "NOK", "DKK", "PLN", "CAD", "AUD")
BUSY = "Your budget was busy just now, and nothing was saved. Try again."


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that says something else than what somebody saved meanwhile.

    `mine` and `theirs` are what the field sends, the words what people read.
    """

    label: str
    name: str
    mine: str
    theirs: str
    my_words: str
    their_words: str
    #: Whether whoever is too late changed it at all.
    is_mine: bool


@dataclass(slots=True)
class Draft:
    """The form for a purchase, with the part for a warranty and the files that wait for it."""

    viewer: Viewer
    now: datetime
    form: PurchaseForm
    warranty: WarrantyForm
    waiting: Waiting
    #: The keys of purchases that are alike and were told of before.
    seen: frozenset[str] = frozenset()
    alike: list[Purchase] = field(default_factory=list)
    refusal: Refusal | None = None
    conflict: Purchase | None = None

    @classmethod
    def of(
        cls, request: MemberRequest, viewer: Viewer, now: datetime, purchase: Purchase | None = None
    ) -> "Draft":
        data = request.POST if request.method == "POST" else None
        form = PurchaseForm(data, viewer=viewer, purchase=purchase, asked=request.GET.dict())
        form.is_valid()  # reads the fields: a warranty begins on the day that was typed
        bought = form.cleaned_data.get("purchased_on") if form.is_bound else None
        return cls(
            viewer,
            now,
            form,
            WarrantyForm(data, bought_on=bought, prefix="warranty"),
            waiting(request, now=now),
            frozenset(request.POST.getlist("anyway")),
        )

    def saved(self, verb: Callable[..., Purchase], **told: Any) -> Purchase | None:
        """Hand what was typed to a verb; None when something has to be seen to before."""
        if not self._is_complete():
            return None
        warranty = warranty_values(self.warranty)
        try:
            return verb(
                values=self.form.values(),
                by=self.viewer.user,
                now=self.now,
                warranties=[warranty] if warranty else [],
                files=self.waiting.staged,
                **told,
            )
        except ValidationError as refusal:
            self.form.refuse(refusal)
        except OverBudget as refusal:
            self.refusal = Refusal.of(refusal, self.viewer.user, now=self.now)
        except Busy:
            self.form.add_error(None, BUSY)
        except Conflict as conflict:
            self.conflict = conflict.current
        return None

    def _is_complete(self) -> bool:
        """Tell whether all is right, and nothing alike is there that was not told of."""
        forms = (self.form, self.warranty, self.waiting.form)
        if not all(form.is_valid() for form in forms):
            return False
        if self.form.is_told_apart:
            self.alike = found_alike(self.form, self.viewer, but=self.form.purchase)
        return all(str(one.pk) in self.seen for one in self.alike)

    @property
    def status(self) -> int:
        """The status of the page that shows it."""
        if self.conflict:
            return 409
        return 422 if self.form.is_bound else 200

    def page(self) -> dict[str, Any]:
        """Return what the pages with the form draw on."""
        return {
            "draft": self,
            "form": self.form,
            "purchase": self.form.purchase,
            "warranty_form": self.warranty,
            "viewer": self.viewer,
            "base": settings.CURRENCY,
            "currencies": dict.fromkeys((settings.CURRENCY, *CURRENCIES)),
            "names": {
                kind: suggesting.names(model, self.viewer)
                for kind, model in suggesting.KINDS.items()
            },
            **self.waiting.context(),
        }

    def kept(self) -> list[tuple[str, str]]:
        """Return the names and values of everything typed in which nobody else was faster.

        What is stored goes along, so that only what differs from it is saved.
        """
        apart = {one.name for one in self.differences()} | {"version"}
        fields = [*self.form, *self.warranty]
        stored = PurchaseForm(None, viewer=self.viewer, purchase=self.conflict)
        return [
            *((one.html_name, typed(one)) for one in fields if one.html_name not in apart),
            *((one.html_initial_name, typed(one)) for one in stored if one.name != "version"),
            *(("files", str(paper.pk)) for paper in self.waiting.staged),
            *(("anyway", str(one.pk)) for one in self.alike),
        ]

    def differences(self) -> list[Difference]:
        """Return what differs from the purchase as somebody else saved it meanwhile."""
        stored = PurchaseForm(None, viewer=self.viewer, purchase=self.conflict)
        both = [name for name in self.form.fields if name in stored.fields and name != "version"]
        pairs = [(self.form[name], stored[name]) for name in both]
        return [
            Difference(
                str(mine.label),
                mine.html_name,
                typed(mine),
                typed(theirs),
                self.form.words(mine.name),
                stored.words(mine.name),
                mine.name in self.form.changed_data,
            )
            for mine, theirs in pairs
            if mine.field.has_changed(theirs.initial, mine.data)
        ]


def found_alike(
    form: AlikeForm, viewer: Viewer, *, but: Purchase | None = None, key: int | None = None
) -> list[Purchase]:
    """Return the purchases that are like what was typed; none while that is not complete."""
    values = form.cleaned_data
    if not {*AlikeForm.base_fields} <= values.keys():
        return []
    return alike(
        viewer,
        name=values["name"],
        price=values["price"],
        currency=values["currency"],
        day=values["purchased_on"],
        but=but.pk if but else key,
    )
