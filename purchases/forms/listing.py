"""What is asked of the list of purchases, and which columns it shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.forms.utils import flatatt
from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from budgets import formats
from occasions.models import Viewer
from people.searching import LONGEST
from purchases import columns, lists, shops
from purchases.forms.fields import CurrencyField, SpanForm, asked_day
from purchases.guarantees import Status
from purchases.models import Brand, Purchase, Retailer, Tag
from purchases.models.purchase import has_gift
from purchases.naming import fold

type Choices = list[tuple[Any, Any]]

#: The retailer or brand, or the warranty, to ask for where there is none.
NONE = "none"

_SELECTED = mark_safe(" selected")
_WHOSE = {"mine": "Only mine", "shared": "Shared with the household"}
_STANDINGS = {
    Status.ACTIVE.value: "Active",
    Status.EXPIRING.value: "Expiring soon",
    Status.EXPIRED.value: "Expired",
    Status.VOIDED.value: "Voided",
    NONE: "No warranty",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set, in words; `without` is what changes in the address to take it off."""

    text: str
    without: dict[str, None]


class _QuickSelect(forms.Select):
    """A select of hundreds perhaps, written in one go: a template for each option is slow."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, _SELECTED if str(key) == chosen else "", label) for key, label in self.choices),
        )
        written = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        return format_html("<select{}>{}</select>", flatatt(written), options)


def _select(label: str, everything: str, choices: Mapping[str, str]) -> forms.ChoiceField:
    offered = [("", everything), *choices.items()]
    return forms.ChoiceField(label=label, required=False, choices=offered, widget=_QuickSelect)


class ListForm(SpanForm):
    """Which purchases a list shows, in which order and how many on a page.

    What cannot be read is told at its field and asks for nothing.
    """

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Names, shops, numbers, tags, notes"}
        ),
    )
    #: What is called so and nothing else; only links ask for it.
    name = forms.CharField(required=False, widget=forms.HiddenInput)
    status = _select("Status", "Any status", dict(Purchase.Status.choices))
    retailer = forms.ChoiceField(required=False, widget=_QuickSelect)
    brand = forms.ChoiceField(required=False, widget=_QuickSelect)
    tag = forms.ChoiceField(required=False, widget=_QuickSelect)
    since = asked_day("Bought from")
    until = asked_day("Bought to")
    warranty = _select("Warranty", "Any", _STANDINGS)
    whose = _select("Whose", "All", _WHOSE)
    gift = _select("Gifts", "All", {"1": "Bought for a gift"})
    tax = _select("Tax", "All", {"1": "Tax deductible"})
    currency = CurrencyField(
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "Any, or USD", "autocomplete": "off"}),
    )
    sort = forms.ChoiceField(
        label="Sort by",
        required=False,
        choices=list(lists.SORTS.items()),
        initial=lists.USUAL_SORT,
        widget=_QuickSelect,
    )
    size = forms.IntegerField(
        label="On a page",
        required=False,
        initial=lists.PAGE,
        min_value=1,
        max_value=lists.LARGEST_PAGE,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "class": "num", "placeholder": lists.PAGE}
        ),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), f"Enter 1 to {lists.LARGEST_PAGE}."
        ),
    )

    def __init__(self, data: QueryDict, *, viewer: Viewer) -> None:
        super().__init__(data)
        self.viewer = viewer
        self._offer_names(Retailer)
        self._offer_names(Brand)
        used = lists.seen(viewer).filter(tags=OuterRef("pk"))
        tags = Tag.objects.filter(Exists(used)).values_list("pk", "name")
        self._offer("tag", [("", "Any tag"), *tags])

    def _offer_names[S: (Retailer, Brand)](self, model: type[S]) -> None:
        one = str(model._meta.model_name)
        names: Choices = list(shops.known(model, self.viewer).values_list("pk", "name"))
        self._offer(one, [("", f"Any {one}"), (NONE, f"No {one}"), *names])

    def _offer(self, name: str, choices: Choices) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def wanted(self) -> Q:
        """Return what finds the purchases asked for."""
        found = Q()
        for name, value in self._asked.items():
            if value and name in _QUERIES:
                found &= _QUERIES[name](value, self.viewer)
        return found

    @property
    def order(self) -> str:
        """How the purchases are sorted: a key of `lists.SORTS`."""
        return str(self._asked.get("sort") or lists.USUAL_SORT)

    @property
    def page_size(self) -> int:
        return self._asked.get("size") or lists.PAGE

    @property
    def is_asking(self) -> bool:
        """Whether some purchases may be left out."""
        return bool(self.wanted())

    @property
    def is_open(self) -> bool:
        """Whether something is set, or said, in the panel behind the search."""
        return bool(self.chips() or self.errors.keys() - {"q"})

    def chips(self) -> list[Chip]:
        """Return the filters that are set, beside the search."""
        return [
            Chip(self._words(name, value), {name: None, "page": None})
            for name, value in self._asked.items()
            if value and name in _QUERIES and name != "q"
        ]

    def _words(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            labels = {str(key): str(label) for key, label in cast(Choices, field.choices)}
            return f"#{labels[value]}" if name == "tag" else labels[value]
        if isinstance(field, forms.DateField):
            return f"{'From' if name == 'since' else 'To'} {formats.day(value)}"
        if name == "name":
            return f"Called “{value}”"
        return str(value)

    @property
    def _asked(self) -> dict[str, Any]:
        self.is_valid()  # reads the fields; those that cannot be read are not among the values
        return self.cleaned_data


def _one(field: str) -> Callable[[str, Viewer], Q]:
    return lambda key, _: Q(**{f"{field}__isnull": True} if key == NONE else {field: int(key)})


def _guaranteed(standing: str, viewer: Viewer) -> Q:
    return lists.guaranteed(None if standing == NONE else Status(standing), viewer.today)


_QUERIES: dict[str, Callable[[Any, Viewer], Q]] = {
    "q": lambda text, _: lists.matching(text),
    "name": lambda name, _: Q(name_key=fold(name)[:255]),
    "status": lambda status, _: Q(status=status),
    "retailer": _one("retailer"),
    "brand": _one("brand"),
    "tag": _one("tags"),
    "since": lambda day, _: Q(purchased_on__gte=day),
    "until": lambda day, _: Q(purchased_on__lte=day),
    "warranty": _guaranteed,
    "whose": lambda whose, viewer: Q(owner=viewer.user) if whose == "mine" else Q(shared=True),
    "gift": lambda _, viewer: Q(has_gift(viewer)),
    "tax": lambda _, __: Q(tax_deductible=True),
    "currency": lambda code, _: Q(currency=code),
}


class ColumnsForm(forms.Form):
    """Which columns the list shows beside the names."""

    columns = forms.MultipleChoiceField(
        label="Show with each name",
        required=False,
        choices=[(column.name, column.label) for column in columns.COLUMNS],
        widget=forms.CheckboxSelectMultiple,
        help_text="With none chosen, the usual ones show.",
    )
