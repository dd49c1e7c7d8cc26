"""Searching: every word somewhere, whatever the case, and every sign means itself."""

import pytest

from people.models import Person
from people.searching import LONGEST, matching

pytestmark = pytest.mark.django_db


def found(text: str, *fields: str) -> list[str]:
    people = Person.objects.filter(matching(text, *(fields or ("name",))))
    return [person.name for person in people]


@pytest.fixture
def people():
    for name, interests in (
        ("Ann Smith", "tea"),
        ("Åsa Öberg", "100% wool"),
        ("Bob Smith", "tea and cake"),
        ("Đặng Thị", "ÇA VA?"),
    ):
        Person.objects.create(name=name, interests=interests)


@pytest.mark.usefixtures("people")
class TestWords:
    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("smith", ["Ann Smith", "Bob Smith"]),
            ("SMITH", ["Ann Smith", "Bob Smith"]),
            ("mit", ["Ann Smith", "Bob Smith"]),
            ("smith ann", ["Ann Smith"]),
            ("ann bob", []),
            ("nobody", []),
        ],
    )
    def test_every_word_is_somewhere_in_any_order(self, text, names):
        assert found(text) == names

    @pytest.mark.parametrize("text", ["åsa", "ÅSA", "öBERG", "åsa öberg"])
    def test_letters_beyond_ascii_have_no_case_either(self, text):
        assert found(text) == ["Åsa Öberg"]

    def test_letters_of_any_alphabet_that_has_case(self):
        assert found("đẶNG") == ["Đặng Thị"]

    def test_each_word_may_stand_in_another_field(self):
        assert found("bob cake", "name", "interests") == ["Bob Smith"]
        assert found("bob wool", "name", "interests") == []

    @pytest.mark.parametrize("text", ["", "   ", "\t\n"])
    def test_nothing_to_search_for_is_found_everywhere(self, text):
        assert len(found(text)) == 4


class TestSigns:
    @pytest.mark.parametrize(
        "sign", [*"%_\\.*+?()[]{}|^$#&~'\";:<>=!-/,@`", "***:x", "(?i)", "\\d", "\\Y", "[[:<:]]"]
    )
    def test_a_sign_means_itself(self, sign):
        Person.objects.create(name=f"a{sign}b")
        Person.objects.create(name="axb 1")
        assert found(f"a{sign}b") == [f"a{sign}b"]

    def test_a_nul_that_no_name_can_hold_finds_nothing(self):
        Person.objects.create(name="Ann")
        assert found("\0") == []
        assert found("a\0nn") == []

    def test_what_is_longer_than_a_name_is_cut(self):
        Person.objects.create(name="x" * LONGEST)
        assert found("x" * 5000) == ["x" * LONGEST]

    def test_a_pattern_made_to_be_slow_is_only_text(self):
        Person.objects.create(name="a" * 60)
        assert found("(a+)+$") == []
