"""What is typed about a retailer or a brand."""

from typing import Any, cast

from django import forms
from django.core.validators import URLValidator
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html

from people.searching import LONGEST
from purchases.keeping.names import checked
from purchases.models import Brand, Retailer
from purchases.models.names import MAX_NAME
from purchases.shops import SORTS


class ListForm(forms.Form):
    """Which names a list shows, and in which order."""

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Names"}),
    )
    sort = forms.ChoiceField(required=False, choices=list(SORTS.items()))

    @property
    def text(self) -> str:
        return str(self._asked.get("q", ""))

    @property
    def order(self) -> str:
        """How the names are sorted: a key of `SORTS`."""
        return str(self._asked.get("sort", ""))

    @property
    def _asked(self) -> dict[str, Any]:
        self.is_valid()  # reads the fields; those that cannot be read are not among the values
        return self.cleaned_data


class _LinkField(forms.URLField):
    """An address on the web, and nothing that a browser would run."""

    default_validators = [URLValidator(schemes=["http", "https"])]


class NameForm(forms.Form):
    """The name and the website of a retailer or a brand; `known` are those the viewer knows."""

    name = forms.CharField(
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": MAX_NAME}),
        error_messages={"required": "Enter a name."},
    )
    link = _LinkField(
        label="Website",
        required=False,
        max_length=2000,
        error_messages={"invalid": "Enter an address that begins with https:// or http://."},
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        known: QuerySet[Retailer] | QuerySet[Brand],
        item: Retailer | Brand | None = None,
    ) -> None:
        first = {"name": item.name, "link": item.link} if item else {}
        super().__init__(data, initial=first)
        self.known = known
        self.item = item

    def clean_name(self) -> str:
        name = checked(self.cleaned_data["name"])
        others = self.known.filter(key=self.known.model.key_of(name))
        other = others.first()
        if other is not None and other != self.item:
            raise forms.ValidationError(self.taken_by(other), code="taken")
        return name

    def taken_by(self, other: Retailer | Brand) -> str:
        """Say where the one with that name is, and how both can become one."""
        there = format_html('<a href="{}">{}</a>', other.get_absolute_url(), other.name)
        if self.item is None:
            return format_html("{} is on the list already.", there)
        merging = reverse(f"{_space(other)}:merge", args=[self.item.pk])
        return format_html(
            '{} is on the list already. You can <a href="{}?into={}">merge the two</a>.',
            there,
            merging,
            other.pk,
        )


def _space(item: Retailer | Brand) -> str:
    return str(item._meta.verbose_name_plural)


class MergeForm(forms.Form):
    """Which other one takes everything in."""

    into = forms.ModelChoiceField(
        Retailer.objects.none(),
        label="Merge it into",
        empty_label="Choose one",
        error_messages={
            "required": "Choose one.",
            "invalid_choice": "Choose one that is on the list.",
        },
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        known: QuerySet[Retailer] | QuerySet[Brand],
        item: Retailer | Brand,
        asked: str = "",
    ) -> None:
        super().__init__(data, initial={"into": asked})
        field = cast(forms.ModelChoiceField[Retailer], self.fields["into"])
        field.queryset = cast(QuerySet[Retailer], known.exclude(pk=item.pk))
