"""Forms of the console: they turn text into values and never write."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.db.models import Q

from occasions.forms.persons import FIRST_YEAR, LAST_YEAR
from occasions.models import Gift, Occasion, PersonOccasion, Role, Viewer
from occasions.models.gift import MAX_QUANTITY
from people.console import DAY, TEXT, ConsoleForm
from people.models import Person, User


class PersonForm(ConsoleForm[Person]):
    """Everything about a person but the photo, which is taken on the person's own page."""

    viewer: Viewer  #: Who asks, set by the console.

    class Meta:
        model = Person
        fields = [
            "name",
            "relationship",
            "user",
            "birthday",
            "anniversary",
            "interests",
            "sizes",
            "notes",
        ]
        help_texts = {
            "user": "Who signs in as this person. What others plan for them is then kept from"
            " them.",
            "birthday": "Comes on the calendar every year by itself, and moves with it.",
            "anniversary": "A wedding day or the like; on the calendar every year too.",
        }
        widgets = {
            **dict.fromkeys(("birthday", "anniversary"), DAY),
            **dict.fromkeys(("interests", "sizes", "notes"), TEXT),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" in self.fields:
            free = Q(is_active=True, person__isnull=True)
            member = cast(forms.ModelChoiceField[User], self.fields["user"])
            member.queryset = User.objects.filter(free | Q(pk=self.instance.user_id))

    def clean_birthday(self) -> date | None:
        birthday: date | None = self.cleaned_data["birthday"]
        if birthday is not None and birthday > self.viewer.today:
            raise forms.ValidationError("A birthday is not in the future.")
        return _possible(birthday)

    def clean_anniversary(self) -> date | None:
        return _possible(self.cleaned_data["anniversary"])


class OccasionForm(ConsoleForm[Occasion]):
    """What `planning.change_occasion` may set from here."""

    class Meta:
        model = Occasion
        fields = ["name", "kind", "date", "repeats_yearly", "description", "budget_total"]
        help_texts = {"date": "Budgets and gifts move along."}
        widgets = {"date": DAY, "description": TEXT}

    def clean_date(self) -> date:
        day: date = self.cleaned_data["date"]
        _possible(day)
        occasion = self.instance
        others = Occasion.objects.filter(kind=occasion.kind, date=day).exclude(pk=occasion.pk)
        if occasion.celebrates_id and others.filter(celebrates=occasion.celebrates_id).exists():
            raise forms.ValidationError("This is on the calendar already.")
        return day


class CardForm(ConsoleForm[PersonOccasion]):
    """The two budgets of a card. Empty is no limit."""

    class Meta:
        model = PersonOccasion
        fields = ["recipient_budget", "purchaser_budget"]
        help_texts = {
            "recipient_budget": "Empty: no limit. Zero: spend nothing.",
            "purchaser_budget": "Empty: no limit. Zero: spend nothing.",
        }

    def seen(self, role: Role) -> Decimal | None:
        """Return the value that a budget was read at. Raises ValidationError for no amount."""
        name = self.add_initial_prefix(role.field)
        if name not in self.data:
            return cast(Decimal | None, self.initial[role.field])
        return cast(Decimal | None, self.fields[role.field].to_python(self.data[name]))


class GiftForm(ConsoleForm[Gift]):
    """What `planning.change_gift` may set."""

    viewer: Viewer  #: Who asks, set by the console.

    class Meta:
        model = Gift
        fields = [
            "title",
            "occasion",
            "recipients",
            "purchaser",
            "status",
            "priority",
            "price",
            "paid_price",
            "quantity",
            "link",
            "notes",
        ]
        help_texts = {
            "paid_price": "Counts instead of the price once it is bought.",
            "recipients": "Who shares its cost.",
        }
        widgets = {"recipients": forms.CheckboxSelectMultiple, "notes": TEXT}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.paid_total is not None:
            self.fields["paid_price"].disabled = True
            self.fields["paid_price"].help_text = "What its purchase cost, for one piece."
        if self._is_secret(self.instance.occasion):
            field = cast(forms.ModelMultipleChoiceField[Person], self.fields["recipients"])
            others = Person.objects.all()
            if self.viewer.person is not None:
                others = others.exclude(pk=self.viewer.person.pk)
            field.queryset = others

    def clean_quantity(self) -> int:
        quantity: int = self.cleaned_data["quantity"]
        if not 1 <= quantity <= MAX_QUANTITY:
            raise forms.ValidationError(f"Enter a number from 1 to {MAX_QUANTITY:,}.")
        return quantity

    def clean(self) -> dict[str, Any]:
        super().clean()
        occasion = self.cleaned_data.get("occasion")
        recipients: Collection[Person | None] = self.cleaned_data.get("recipients", ())
        if occasion and self._is_secret(occasion) and self.viewer.person in recipients:
            self.add_error(
                "recipients",
                "What you get there is for others to write down, until the day has passed.",
            )
        if self.cleaned_data.get("purchaser") in recipients:
            self.add_error("purchaser", "Nobody buys what is for themselves.")
        return self.cleaned_data

    def _is_secret(self, occasion: Occasion) -> bool:
        """Tell whether a gift for whoever asks would be kept from them there."""
        return occasion.date >= self.viewer.open_before


def _possible(day: date | None) -> date | None:
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise forms.ValidationError(f"Choose a day from {FIRST_YEAR} to {LAST_YEAR}.")
    return day
