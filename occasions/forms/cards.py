"""What is typed on cards: budgets, quick gifts, who is on the list, one amount for all."""

from collections.abc import Collection
from typing import cast

from django import forms
from django.http import QueryDict

from budgets.fields import MoneyFormField
from occasions.models import Role
from people.models import Person


class BudgetForm(forms.Form):
    """One budget of a card, and the value that it was read at. Empty is no limit."""

    amount = MoneyFormField(required=False)
    seen = MoneyFormField(required=False)

    def __init__(self, data: QueryDict, role: Role) -> None:
        self.typed = data.get(role.field, "")
        self.read = data.get(f"{role.field}_seen", "")
        super().__init__({"amount": self.typed, "seen": self.read})

    @property
    def why(self) -> str:
        """The first reason for which it cannot be saved."""
        return next(str(error) for errors in self.errors.values() for error in errors)


class QuickGiftForm(forms.Form):
    """A gift in one line: a title and, when known, a price."""

    title = forms.CharField(max_length=200, error_messages={"required": "Say what it is."})
    price = MoneyFormField(required=False)

    def __init__(self, data: QueryDict | None = None, *, key: str) -> None:
        super().__init__(data, auto_id=f"{key}-new-%s")
        self.fields["title"].widget.attrs |= {"placeholder": "A gift or an idea"}
        self.fields["price"].widget.attrs |= {"placeholder": "Price"}


class PeopleForm(forms.Form):
    """Who is on an occasion's list.

    `shown` are those who stood on the list when it was drawn: nobody else can be taken off.
    """

    people = forms.ModelMultipleChoiceField(
        Person.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )
    shown = forms.Field(required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, data: QueryDict | None, *, listed: Collection[Person]) -> None:
        keys = [person.pk for person in listed]
        super().__init__(data, initial={"people": listed, "shown": keys})
        field = cast(forms.ModelMultipleChoiceField[Person], self.fields["people"])
        field.label = "On the list"

    def clean_shown(self) -> set[int]:
        """Return the keys that were shown; somebody deleted since is no reason to refuse."""
        keys = self.cleaned_data["shown"] or []
        return {int(key) for key in keys if key.isascii() and key.isdecimal() and len(key) < 19}


class AmountForm(forms.Form):
    """One budget for everybody who receives."""

    amount = MoneyFormField(label="Amount for each")
