"""People: how they are named and drawn, and whose member they are."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from people.models import HUES, Person
from people.tests.factories import UserFactory


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Mom", "M"),
        ("Ann Smith", "AS"),
        ("Ann Mary Smith", "AS"),
        ("  ann   smith ", "AS"),
        ("Åsa Öberg", "ÅÖ"),
        ("李 小龙", "李小"),
        ("", ""),
    ],
)
def test_initials_are_those_of_the_first_and_the_last_word(name, initials):
    assert Person(name=name).initials == initials


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Mom", "Mom"),
        ("Ann Smith", "Ann Smith"),
        ("Bartholomew Smith", "Bartholomew"),
        ("Ann Mary Smith", "Ann"),
        ("A" * 40, "A" * 20),
    ],
)
def test_a_long_name_is_shortened_to_its_first_word(name, short):
    assert Person(name=name).short_name == short


def test_a_colour_belongs_to_the_name_whatever_its_case():
    hues = {Person(name=f"Person {number}").hue for number in range(100)}
    assert hues == set(range(HUES))
    assert Person(name="ÅSA").hue == Person(name="åsa").hue


@pytest.mark.django_db
class TestMembers:
    def test_a_member_is_one_person(self):
        user = UserFactory()
        Person.objects.create(name="Ann", user=user)
        with pytest.raises(IntegrityError), transaction.atomic():
            Person.objects.create(name="Ann again", user=user)
        with pytest.raises(ValidationError) as refusal:
            Person(name="Ann again", user=user).full_clean()
        assert list(refusal.value.message_dict) == ["user"]

    def test_many_people_are_no_members(self):
        Person.objects.create(name="Mom")
        Person.objects.create(name="Dad")
        assert Person.objects.filter(user=None).count() == 2

    def test_a_person_stays_when_the_member_goes(self):
        user = UserFactory()
        ann = Person.objects.create(name="Ann", user=user)
        user.delete()
        ann.refresh_from_db()
        assert ann.user is None

    def test_people_are_told_by_name_and_stand_in_its_order(self):
        for name in ("Mom", "Dad", "Ann"):
            Person.objects.create(name=name)
        assert [str(person) for person in Person.objects.all()] == ["Ann", "Dad", "Mom"]

    def test_a_person_has_a_page(self):
        ann = Person.objects.create(name="Ann")
        assert ann.get_absolute_url() == f"/people/{ann.pk}/"

    @pytest.mark.parametrize("values", [{"name": ""}, {"name": "x" * 121}, {"relationship": "pet"}])
    def test_a_person_has_a_name_and_a_relationship_that_we_know(self, values):
        with pytest.raises(ValidationError) as refusal:
            Person(**{"name": "Ann", **values}).full_clean()
        assert list(refusal.value.message_dict) == list(values)
