"""Names are the same regardless of case and space."""

import pytest

from purchases import naming


def test_tags_are_read_between_commas():
    assert naming.tags("a, b ,a,,") == ["a", "b"]


def test_the_first_spelling_of_a_tag_stays():
    assert naming.tags("Garden, garden , GARDEN, tool") == ["Garden", "tool"]


@pytest.mark.parametrize("text", ["", " ", ",", " , ,"])
def test_there_may_be_no_tags(text):
    assert naming.tags(text) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("IKEA", " ikea "),
        ("Straße 5", "STRASSE  5"),
        ("Über", "über"),
        ("Café", "Cafe\u0301"),
        ("Corner\tshop", "corner shop"),
    ],
)
def test_names_are_compared_regardless_of_case_space_and_form(one, other):
    assert naming.fold(one) == naming.fold(other)


def test_names_that_differ_by_an_accent_are_two():
    assert naming.fold("Cafe") != naming.fold("Café")


def test_a_nul_is_no_letter():
    assert "\0" not in naming.tidy("a\0b")
