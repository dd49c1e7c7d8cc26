"""What is typed about gifts: everything about one, and which ones a list shows."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.core.validators import URLValidator
from django.db.models import Q
from django.http import QueryDict

from budgets import formats
from budgets.fields import MoneyFormField
from occasions.lists import SORTS, wanted
from occasions.models import Gift, Occasion, Viewer
from occasions.models.gift import MAX_QUANTITY
from people.models import Person
from people.searching import LONGEST

type Choices = list[tuple[Any, Any]]

#: The purchaser to ask for when a gift has none.
NOBODY = "nobody"


def _of_occasions(occasions: Sequence[Occasion], today: date) -> Choices:
    """Return the occasions to choose from: soonest first, past ones below, latest first."""
    labels = [(one.date, (one.pk, f"{one.name}, {formats.day(one.date)}")) for one in occasions]
    past = [choice for day, choice in reversed(labels) if day < today]
    coming = [choice for day, choice in labels if day >= today]
    return [*coming, ("Past", past)] if past else [*coming]


def _of_people(people: Sequence[Person], viewer: Viewer) -> Choices:
    """Return the people to choose from; the viewer finds themselves by a word."""
    return [
        (person.pk, f"{person.name} (you)" if person == viewer.person else person.name)
        for person in people
    ]


class ListForm(forms.Form):
    """Which gifts a list shows, and in which order."""

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Titles, notes, links"}),
    )
    person = forms.ChoiceField(label="For", required=False)
    occasion = forms.ChoiceField(required=False)
    status = forms.ChoiceField(required=False, choices=[("", "Any status"), *Gift.Status.choices])
    purchaser = forms.ChoiceField(label="Who buys it", required=False)
    sort = forms.ChoiceField(required=False, choices=list(SORTS.items()))

    def __init__(self, data: QueryDict, *, viewer: Viewer) -> None:
        super().__init__(data)
        people = _of_people(list(Person.objects.all()), viewer)
        occasions = _of_occasions(list(Occasion.objects.all()), viewer.today)
        self._offer("person", [("", "Everyone"), *people])
        self._offer("occasion", [("", "All occasions"), *occasions])
        self._offer("purchaser", [("", "Anybody"), (NOBODY, "Nobody yet"), *people])

    def _offer(self, name: str, choices: Choices) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def wanted(self) -> Q:
        """Return what holds the gifts asked for; what cannot be read is told and asks nothing."""
        values = self._asked
        purchaser = values.get("purchaser") or None
        return wanted(
            text=values.get("q", ""),
            recipient=self.chosen("person"),
            occasion=self.chosen("occasion"),
            status=values.get("status", ""),
            purchaser=int(purchaser) if purchaser and purchaser != NOBODY else None,
            unassigned=purchaser == NOBODY,
        )

    def chosen(self, name: str) -> int | None:
        """Return the key of the person or the occasion that is asked for."""
        key = self._asked.get(name)
        return int(key) if key else None

    @property
    def order(self) -> str:
        """How the gifts are sorted: a key of `SORTS`."""
        return str(self._asked.get("sort", ""))

    @property
    def _asked(self) -> dict[str, Any]:
        self.is_valid()  # reads the fields; those that cannot be read are not among the values
        return self.cleaned_data


class _LinkField(forms.URLField):
    """An address on the web, and nothing that a browser would run."""

    default_validators = [URLValidator(schemes=["http", "https"])]


def _price(label: str, help_text: str) -> MoneyFormField:
    return MoneyFormField(label=label, help_text=help_text, required=False)


class GiftForm(forms.Form):
    """Everything about one gift.

    Each field carries along what it showed at first, so that only what was changed here is
    written: somebody else may be changing another field of the same gift.
    """

    title = forms.CharField(
        label="What it is",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Say what it is."},
    )
    occasion = forms.ModelChoiceField(
        Occasion.objects.all(), error_messages={"required": "Choose an occasion."}
    )
    recipients = forms.ModelMultipleChoiceField(
        Person.objects.all(),
        label="For",
        widget=forms.CheckboxSelectMultiple,
        help_text="Several people share its cost. Who is not on the occasion’s list yet is put"
        " there.",
        error_messages={"required": "Choose at least one person."},
    )
    purchaser = forms.ModelChoiceField(
        Person.objects.all(), label="Who buys it", required=False, empty_label="Nobody yet"
    )
    priority = forms.TypedChoiceField(choices=Gift.Priority.choices, coerce=int)
    status = forms.ChoiceField(choices=Gift.Status.choices, widget=forms.RadioSelect)
    price = _price("Price", "For one piece.")
    quantity = forms.IntegerField(
        min_value=1,
        max_value=MAX_QUANTITY,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), f"Enter 1 to {MAX_QUANTITY:,}."
        ),
    )
    paid_price = _price(
        "Price paid", "For one piece. Once the gift is bought, this counts instead of the price."
    )
    link = _LinkField(
        required=False,
        max_length=2000,
        help_text="Where it is sold, for example.",
        error_messages={"invalid": "Enter an address that begins with https:// or http://."},
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    notes = forms.CharField(
        required=False,
        max_length=2000,
        help_text="Size, colour, where it is hidden.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        viewer: Viewer,
        gift: Gift | None = None,
        asked: Mapping[str, str] | None = None,
    ) -> None:
        self.viewer = viewer
        self.people = list(Person.objects.all())
        self.occasions = {str(one.pk): one for one in Occasion.objects.all()}
        first = _stored(gift) if gift else self._asked(asked or {})
        super().__init__(data, initial=first)
        self._offer(gift)
        if gift and gift.paid_total is not None:
            self.fields["paid_price"].disabled = True
            self.fields["paid_price"].help_text = "What its purchase cost, for one piece."
        for name, field in self.fields.items():
            is_told = data is None or self.add_initial_prefix(name) in data
            field.show_hidden_initial = gift is not None and is_told

    def _asked(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """Return what a new gift begins with: for whom and when, as a link asks for it.

        A birthday is its own person's. What cannot be read asks for nothing.
        """
        first: dict[str, Any] = {
            "status": Gift.Status.IDEA,
            "quantity": 1,
            "priority": Gift.Priority.NORMAL,
        }
        occasion = self.occasions.get(asked.get("occasion", ""))
        if occasion:
            first["occasion"] = occasion.pk
        wanted = asked.get("person") or str(occasion.celebrates_id if occasion else "")
        first["recipients"] = [person.pk for person in self.people if str(person.pk) == wanted]
        return first

    def _offer(self, gift: Gift | None) -> None:
        """Offer the choices, the viewer as somebody who gets it only where that is no secret."""
        days = [gift.occasion if gift else None, self.occasions.get(str(self["occasion"].value()))]
        is_secret = all(self._is_secret(day) for day in days)
        others = [one for one in self.people if not (is_secret and one == self.viewer.person)]
        occasions = _of_occasions(list(self.occasions.values()), self.viewer.today)
        choices = {
            "occasion": [("", "Choose an occasion"), *occasions],
            "recipients": _of_people(others, self.viewer),
            "purchaser": [("", "Nobody yet"), *_of_people(self.people, self.viewer)],
        }
        for name, offered in choices.items():
            cast(forms.ModelChoiceField[Any], self.fields[name]).choices = offered

    def _is_secret(self, occasion: Occasion | None) -> bool:
        """Tell whether a gift for the viewer would be kept from them there."""
        return occasion is None or occasion.date >= self.viewer.open_before

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        is_own = self.viewer.person in values.get("recipients", ())
        if is_own and self._is_secret(values.get("occasion")):
            self.add_error(
                "recipients",
                "What you get there is for others to plan, until the day has passed.",
            )
        return values

    def refuse_purchaser(self, person: Person) -> None:
        """Tell that nobody buys what is for themselves."""
        self.add_error(
            "purchaser", f"{person.name} gets this gift: choose somebody else to buy it."
        )

    def values(self) -> dict[str, Any]:
        """Return what was changed but the recipients, for `planning.change_gift`."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "recipients"}

    def recipients_changed(self) -> list[Person] | None:
        """Return whom the gift is for, or None when that was not changed."""
        changed = "recipients" in self.changed_data
        return list(self.cleaned_data["recipients"]) if changed else None


def _stored(gift: Gift) -> dict[str, Any]:
    names = GiftForm.base_fields.keys() - {"occasion", "purchaser", "recipients"}
    return {
        **{name: getattr(gift, name) for name in names},
        "occasion": gift.occasion_id,
        "purchaser": gift.purchaser_id,
        "recipients": [person.pk for person in gift.recipients.all()],
    }


class StatusForm(forms.Form):
    """How far a gift has come."""

    status = forms.ChoiceField(choices=Gift.Status.choices)
