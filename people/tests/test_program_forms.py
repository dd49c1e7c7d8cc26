"""What programs send is read by the forms of the pages."""

from datetime import date
from typing import Any

import pytest
from django import forms
from django.core.exceptions import PermissionDenied
from ninja import Schema
from pydantic import ValidationError

from people.programs.fields import Day, Flag, Sought
from people.programs.forms import filled, hold, refused
from people.programs.problems import Refused

COLOURS = [("r", "Red"), ("g", "Green"), ("b", "Blue")]
STORED = {"title": "Kite", "day": date(2026, 7, 15), "done": True, "colours": ["r", "g"], "size": 3}
NAMED = {"size": "size_in_cm"}


class ThingForm(forms.Form):
    """What a page has about a thing; each field carries along what it showed at first."""

    title = forms.CharField(max_length=10, error_messages={"required": "Say what it is."})
    day = forms.DateField(required=False)
    done = forms.BooleanField(required=False)
    colours = forms.MultipleChoiceField(required=False, choices=COLOURS)
    tags = forms.MultipleChoiceField(required=False, choices=COLOURS)
    size = forms.IntegerField(max_value=9, required=False)

    def __init__(self, data: Any, kept: tuple[str, ...] = ()) -> None:
        super().__init__(data, initial=STORED)
        for name, field in self.fields.items():
            field.disabled = name in kept
            field.show_hidden_initial = data is None or self.add_initial_prefix(name) in data

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("title") == "Both":
            raise forms.ValidationError("Not both.")
        return self.cleaned_data


class ThingSent(Schema):
    title: str = ""
    day: Day | None = None
    done: Flag = False
    colours: list[str] = []
    tags: list[str] | None = None
    size_in_cm: int | None = None
    other: str = ""


def changed(**sent: Any) -> dict[str, Any]:
    form = filled(ThingForm, ThingSent(**sent), named=NAMED)
    return {name: form.cleaned_data[name] for name in form.changed_data}


def errors_of(refusal: Refused) -> dict[str, str]:
    assert refusal.problem.status == 422
    return {error.field: error.message for error in refusal.problem.errors or []}


class TestWhatIsFilledIn:
    def test_what_is_not_sent_stands_there_as_it_was(self):
        form = filled(ThingForm, ThingSent(), named=NAMED)
        assert form.cleaned_data == STORED | {"tags": []}
        assert form.changed_data == []

    def test_what_the_form_does_not_know_is_passed_over(self):
        assert changed(other="Thing") == {}

    @pytest.mark.parametrize(
        ("sent", "stored"),
        [
            ({"title": "Flag"}, {"title": "Flag"}),
            ({"title": "Kite"}, {}),
            ({"day": "2026-12-25"}, {"day": date(2026, 12, 25)}),
            ({"day": None}, {"day": None}),
            ({"done": False}, {"done": False}),
            ({"done": True}, {}),
            ({"colours": ["b"]}, {"colours": ["b"]}),
            ({"colours": []}, {"colours": []}),
            ({"tags": ["r", "b"]}, {"tags": ["r", "b"]}),
            ({"tags": None}, {}),
            ({"colours": ["r", "g"]}, {}),
            ({"size_in_cm": 5}, {"size": 5}),
            ({"size_in_cm": None}, {"size": None}),
            ({"size_in_cm": 0, "title": "0"}, {"size": 0, "title": "0"}),
        ],
    )
    def test_what_is_sent_takes_its_place(self, sent, stored):
        assert changed(**sent) == stored


class TestRefusals:
    def test_each_field_is_told_by_the_name_that_programs_know(self):
        with pytest.raises(Refused) as refusal:
            filled(ThingForm, ThingSent(title=" ", size_in_cm=10), named=NAMED)
        assert errors_of(refusal.value) == {
            "title": "Say what it is.",
            "size_in_cm": "Ensure this value is less than or equal to 9.",
        }

    def test_what_no_field_is_to_blame_for_has_no_name(self):
        with pytest.raises(Refused) as refusal:
            filled(ThingForm, ThingSent(title="Both"), named=NAMED)
        assert errors_of(refusal.value) == {"": "Not both."}

    def test_what_a_verb_refuses_is_told_likewise(self):
        form = filled(ThingForm, ThingSent(), named=NAMED)
        form.add_error("size", "Too small.")
        assert errors_of(refused(form, named=NAMED)) == {"size_in_cm": "Too small."}


class TestWhatIsKept:
    @staticmethod
    def send(**sent: Any) -> forms.Form:
        return filled(
            lambda data: ThingForm(data, kept=("day", "size")),
            ThingSent(**sent),
            named=NAMED,
            kept={"day": "It is written in stone."},
        )

    def test_it_may_be_sent_as_it_is(self):
        assert self.send(day="2026-07-15", title="Flag").changed_data == ["title"]
        assert self.send(day="2026-07-15").fields["day"].disabled

    def test_it_is_not_changed(self):
        with pytest.raises(Refused) as refusal:
            self.send(day="2026-07-16", size_in_cm=4)
        assert errors_of(refusal.value) == {
            "day": "It is written in stone.",
            "size_in_cm": "This is not for you to change.",
        }


class TestWhatIsHeld:
    def test_another_value_takes_a_right(self):
        with pytest.raises(PermissionDenied, match="Not you"):
            hold(ThingSent(title="Flag"), ThingSent(title="Kite"), {"title": "Not you."})

    def test_what_was_shown_is_as_good_as_not_sent(self):
        sent = ThingSent(title="Kite", size_in_cm=4)
        hold(sent, ThingSent(title="Kite"), {"title": "Not you.", "day": "Not you."})
        assert sent.model_fields_set == {"size_in_cm"}


class SearchSent(Schema):
    q: Sought = ""
    since: Day | None = None
    done: Flag = False


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"since": "25.12.2026"}, "Send a day as text, like “2026-12-25”."),
        ({"since": 0}, "Send a day as text"),
        ({"since": "1700000000"}, "Send a day as text"),
        ({"since": "2026-12-25T00:00:00"}, "Send a day as text"),
        ({"since": "\uff12\uff10\uff12\uff16-12-25"}, "Send a day as text"),
        ({"since": "2026-02-29"}, "There is no such day."),
        ({"since": "0000-01-01"}, "There is no such day."),
        ({"done": "yes"}, "valid boolean"),
        ({"done": 1}, "valid boolean"),
        ({"q": "a\0b"}, "pattern"),
        ({"q": "a" * 101}, "at most 100"),
        ({"q": "\ud800"}, "unicode"),
    ],
)
def test_nothing_is_guessed(sent, message):
    with pytest.raises(ValidationError, match=message):
        SearchSent(**sent)
