"""What is typed about a purchase."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.conf import settings
from django.db.models import Q
from django.forms import BoundField
from django.http import QueryDict

from budgets import formats
from occasions.models import Gift, Viewer
from purchases.fields import RateFormField
from purchases.forms.alike import AlikeForm
from purchases.forms.beginning import asked_for, gifts_for, label_of, stored
from purchases.forms.fields import DayField, LinkField, NameField, NotesField, TagsField, text
from purchases.models import Purchase
from purchases.models.purchase import MAX_QUANTITY

#: For how long after its day a gift is still offered to have been bought.
GIFTS_FOR = timedelta(days=60)
#: What stands behind the few things that every purchase needs, by the part of the form.
PARTS = {
    "about": ("brand", "tags", "model_number", "serial_number", "link", "notes"),
    "order": ("order_number", "return_by", "return_policy", "tax_deductible"),
    "sharing": ("shared", "gift"),
}


class PurchaseForm(AlikeForm):
    """Everything about one purchase.

    When one is changed, each field carries along what it showed at first: if somebody else was
    faster, that tells who changed what.
    """

    exchange_rate = RateFormField(required=False)
    quantity = forms.IntegerField(
        min_value=1,
        max_value=MAX_QUANTITY,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "class": "num"}
        ),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), f"Enter 1 to {MAX_QUANTITY:,}."
        ),
    )
    retailer = NameField(names="retailers", help_text="A new name is added by itself.")
    brand = NameField(names="brands", help_text="A new name is added by itself.")
    tags = TagsField(max_length=2_000, help_text="Several with commas between them.")
    status = forms.ChoiceField(choices=Purchase.Status.choices)
    order_number = text("Order number", 100)
    model_number = text("Model number", 100)
    serial_number = text("Serial number", 100)
    link = LinkField(
        required=False,
        max_length=2000,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    return_by = DayField(label="Can be returned until", required=False)
    return_policy = text("How to return it", 500)
    tax_deductible = forms.BooleanField(label="Tax deductible", required=False)
    notes = NotesField()
    shared = forms.ChoiceField(
        label="Who sees it",
        required=False,
        choices=[("", "Only me"), ("shared", "Everybody in the household")],
        widget=forms.RadioSelect,
    )
    gift = forms.ModelChoiceField(
        Gift.objects.none(),
        label="Bought for a gift",
        required=False,
        help_text="Marks the gift as bought. Whoever gets it does not see this.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None,
        *,
        viewer: Viewer,
        purchase: Purchase | None = None,
        asked: Mapping[str, str] | None = None,
    ) -> None:
        self.purchase = purchase
        self.gifts = gifts_for(viewer)
        first = (
            stored(purchase, self.gifts) if purchase else asked_for(asked or {}, viewer, self.gifts)
        )
        super().__init__(data, viewer=viewer, initial=first)
        base = settings.CURRENCY
        self.fields[
            "exchange_rate"
        ].help_text = (
            f"What one unit of the other currency is in {base}. Leave it empty for {base}."
        )
        self._offer_gifts()
        for name, field in self.fields.items():
            is_told = data is None or self.add_initial_prefix(name) in data
            field.show_hidden_initial = purchase is not None and name != "version" and is_told

    def _offer_gifts(self) -> None:
        """Offer the gifts of days to come, and the chosen one."""
        chosen = str(self["gift"].value() or "")
        wanted = Q(occasion__date__gte=self.viewer.today - GIFTS_FOR)
        if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19:
            wanted |= Q(pk=int(chosen))
        offered = [(gift.pk, label_of(gift)) for gift in self.gifts.filter(wanted)]
        field = cast(forms.ModelChoiceField[Gift], self.fields["gift"])
        field.queryset = self.gifts
        field.choices = [("", "No gift"), *offered]

    def clean_shared(self) -> bool:
        return bool(self.cleaned_data["shared"])

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        currency = values.get("currency", settings.CURRENCY)
        values.setdefault("exchange_rate", None)
        if currency == settings.CURRENCY:
            values["exchange_rate"] = Decimal(1)
        elif values["exchange_rate"] is None and not self.has_error("exchange_rate"):
            self.add_error("exchange_rate", f"Say what one {currency} is in {settings.CURRENCY}.")
        bought, last = values.get("purchased_on"), values.get("return_by")
        if bought and last and last < bought:
            self.add_error("return_by", "It cannot be returned before it was bought.")
        return values

    def values(self) -> dict[str, Any]:
        """Return what is to be stored: all of it, or what was changed of a purchase."""
        names = self.changed_data if self.purchase else self.fields
        return {name: self.cleaned_data[name] for name in names if name != "version"}

    @property
    def read_version(self) -> int:
        """At which version the purchase was read; 0 when the form does not say."""
        return (self.cleaned_data.get("version") or 0) if self.is_bound else 0

    @property
    def is_told_apart(self) -> bool:
        """Whether something was changed that may make it like another purchase."""
        return not self.purchase or bool({*AlikeForm.base_fields} & {*self.changed_data})

    @property
    def open_parts(self) -> set[str]:
        """The parts in which something stands, or is wrong."""
        return {part for part, names in PARTS.items() if any(map(self._tells, names))}

    def _tells(self, name: str) -> bool:
        return name in self.fields and bool(self[name].errors or self[name].value())

    def refuse(self, refusal: forms.ValidationError) -> None:
        """Tell each reason of a verb at its field."""
        for name, reasons in refusal.update_error_dict({}).items():
            self.add_error(name if name in self.fields else None, reasons)

    def words(self, name: str) -> str:
        """Return what stands in a field, as people read it."""
        field, value = self.fields[name], typed(self[name])
        if isinstance(field, forms.ChoiceField):
            labels = {str(key): str(label) for key, label in cast(Any, field.choices)}
            return labels.get(value, value)
        if isinstance(field, forms.BooleanField):
            return "Yes" if value else "No"
        day = self.cleaned_data.get(name) if self.is_bound else self.initial.get(name)
        return formats.day(day) if isinstance(day, date) else value


def typed(field: BoundField) -> str:
    """Return what a field sends."""
    value = field.value()
    if isinstance(value, bool):
        return "on" if value else ""
    return "" if value is None else str(value)


class StatusForm(forms.Form):
    """How far a purchase has come."""

    status = forms.ChoiceField(choices=Purchase.Status.choices)
