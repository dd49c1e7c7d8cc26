"""Forms of the console: they turn text into values and never write."""

from collections.abc import Mapping
from copy import copy
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.http import QueryDict

from budgets import formats
from occasions.models import Gift, Viewer
from people.console import DAY, TEXT, ConsoleForm
from people.models import User
from purchases import naming
from purchases.keeping.checking import check
from purchases.keeping.names import checked, checked_tag
from purchases.models import Attachment, Purchase, Tag, Warranty
from purchases.models.names import MAX_NAME, Name

#: The names of a purchase: what the form calls them, and what the verbs do.
NAMES: Mapping[str, str] = {"retailer_name": "retailer", "brand_name": "brand", "tag_names": "tags"}


class _Version(forms.IntegerField):
    """The version at which a row was read: it is carried along, and nobody types it."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class PurchaseForm(ConsoleForm[Purchase]):
    """What `keeping.record` and `keeping.change` may set."""

    viewer: Viewer  #: Who asks, set by the console.
    now: datetime  #: When, set by the console.

    read_version = _Version(required=False, widget=forms.HiddenInput)
    retailer_name = forms.CharField(label="Retailer", max_length=MAX_NAME, required=False)
    brand_name = forms.CharField(label="Brand", max_length=MAX_NAME, required=False)
    tag_names = forms.CharField(
        label="Tags", required=False, help_text="Between commas.", max_length=2000
    )

    class Meta:
        model = Purchase
        fields = [
            "owner",
            "name",
            "price",
            "currency",
            "exchange_rate",
            "quantity",
            "purchased_on",
            "status",
            "order_number",
            "model_number",
            "serial_number",
            "link",
            "return_by",
            "return_policy",
            "tax_deductible",
            "shared",
            "gift",
            "notes",
        ]
        help_texts = {
            "owner": "Whose budget pays.",
            "price": "For the whole line, in its own currency.",
            "exchange_rate": "What one unit of another currency is worth in the base one.",
            "gift": "Kept from whoever gets it until the day has passed.",
        }
        widgets = {**dict.fromkeys(("purchased_on", "return_by"), DAY), "notes": TEXT}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.update(_names_of(self.instance), read_version=self.instance.version)
        elif "owner" in self.fields:
            owner = cast(forms.ModelChoiceField[User], self.fields["owner"])
            owner.queryset = User.objects.filter(is_active=True)
            owner.required = True
        if "exchange_rate" in self.fields:
            self.fields["exchange_rate"].required = False
            if not self.instance.pk or not self.instance.is_foreign:
                self.initial["exchange_rate"] = None  # a 1 would be taken for any currency
        if "gift" in self.fields:
            gift = cast(forms.ModelChoiceField[Gift], self.fields["gift"])
            gift.queryset = Gift.objects.visible_to(self.viewer)
            if self.instance.gift and not gift.queryset.contains(self.instance.gift):
                # It became one for whoever asks: it stays, and they are not told.
                gift.disabled, self.initial["gift"] = True, None

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean_tag_names(self) -> str:
        text: str = self.cleaned_data["tag_names"]
        for name in naming.tags(text):
            checked(name)
        return text

    def clean(self) -> dict[str, Any]:
        """Ask what the verbs will ask, so that each refusal stands at its field."""
        super().clean()
        if self.instance.pk and self.cleaned_data.get("read_version") != self.instance.version:
            self._refuse_what_others_changed()
        if self.cleaned_data.get("currency", settings.CURRENCY) == settings.CURRENCY:
            self.cleaned_data["exchange_rate"] = Decimal(1)
        wanted = copy(self.instance)
        for name in self.cleaned_data.keys() & {*self.Meta.fields}:
            setattr(wanted, name, self.cleaned_data[name])
        try:
            check(wanted, self.now, given=self.changed_data)
        except ValidationError as refusal:
            for name, reasons in refusal.error_dict.items():
                if name not in self.errors:
                    self.add_error(name if name in self.fields else None, reasons)
        return self.cleaned_data

    def _refuse_what_others_changed(self) -> None:
        """Say at each field that both changed what is stored now, and let the next try replace it.

        What only somebody else changed stays as they saved it.
        """
        for name in self.changed_data:
            stands = self.initial.get(name)
            shown, typed = self.data.get(self.add_initial_prefix(name)), self[name].data
            if all(self.fields[name].has_changed(stands, said) for said in (shown, typed)):
                stored = self._stored_words(name)
                did = f"saved “{stored}” here" if stored else "emptied this"
                self.add_error(
                    name, f"Somebody else {did} meanwhile. Save again to keep what you typed."
                )
        sent = cast(QueryDict, self.data).copy()
        sent["read_version"] = str(self.instance.version)
        self.data = sent

    def _stored_words(self, name: str) -> str:
        """Return what is stored of a field, as people read it."""
        field = self.fields[name]
        value = field.prepare_value(self.initial.get(name))
        if isinstance(field, forms.ChoiceField):
            labels = {str(key): str(label) for key, label in cast(Any, field.choices)}
            return labels.get(str(value), "") if value else ""
        if isinstance(field, forms.BooleanField):
            return "Yes" if value else "No"
        if isinstance(value, date):
            return formats.day(value)
        return "" if value is None else str(value)

    def values(self) -> dict[str, Any]:
        """Return what was changed, under the names that the verbs know."""
        values = {NAMES.get(name, name): value for name, value in super().values().items()}
        if "tags" in values:
            values["tags"] = naming.tags(values["tags"])
        return values


def _names_of(purchase: Purchase) -> dict[str, str]:
    return {
        "retailer_name": purchase.retailer.name if purchase.retailer else "",
        "brand_name": purchase.brand.name if purchase.brand else "",
        "tag_names": ", ".join(tag.name for tag in purchase.tags.all()),
    }


class WarrantyForm(ConsoleForm[Warranty]):
    """What the verbs may set of a warranty; the purchase is chosen when it is added."""

    purchases: QuerySet[Purchase]  #: Those to choose from, set by the console.

    class Meta:
        model = Warranty
        fields = ["purchase", "kind", "starts_on", "ends_on", "provider", "notes", "voided"]
        widgets = {**dict.fromkeys(("starts_on", "ends_on"), DAY), "notes": TEXT}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "purchase" in self.fields:
            purchase = cast(forms.ModelChoiceField[Purchase], self.fields["purchase"])
            purchase.queryset = self.purchases

    def clean(self) -> dict[str, Any]:
        super().clean()
        starts, ends = (self.cleaned_data.get(name) for name in ("starts_on", "ends_on"))
        if starts and ends and ends < starts:
            self.add_error("ends_on", "The last day cannot be before the first.")
        return self.cleaned_data


class PaperForm(ConsoleForm[Attachment]):
    class Meta:
        model = Attachment
        fields = ["name", "kind"]


class NameForm(ConsoleForm[Any]):
    """A name, and which other one takes it in."""

    known: QuerySet[Any]  #: Those that the administrator knows, set by the console.

    into = forms.ModelChoiceField[Name](
        None,
        label="Merge into",
        required=False,
        empty_label="None: it stays",
        help_text="Everything it has moves there, and it goes.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "into" in self.fields:
            into = cast(forms.ModelChoiceField[Name], self.fields["into"])
            into.queryset = self.known.exclude(pk=self.instance.pk)

    def clean_name(self) -> str:
        is_tag = isinstance(self.instance, Tag)
        name = (checked_tag if is_tag else checked)(self.cleaned_data["name"])
        others = self.known.exclude(pk=self.instance.pk)
        if others.filter(key=self.instance.key_of(name)).exists():
            raise ValidationError("This is on the list already. Merge the two instead.")
        return name

    def clean_link(self) -> str:
        link: str = self.cleaned_data["link"]
        if link:
            URLValidator(schemes=["http", "https"])(link)
        return link
