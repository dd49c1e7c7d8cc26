"""Deleting people: what goes and what stays is said first, then done."""

from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client

from occasions import planning
from occasions.models import Gift, Occasion, PersonOccasion
from occasions.tests.factories import (
    NOW,
    TODAY,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
)
from people.models import Person, User
from people.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture
def ann() -> User:
    return UserFactory(username="ann")


@pytest.fixture
def member(client: Client, ann: User) -> Client:
    client.force_login(ann)
    return client


@pytest.fixture
def mom() -> Person:
    person = Person(name="Mom", birthday=date(1960, 3, 15), anniversary=date(1985, 6, 5))
    return planning.save_person(person=person, today=TODAY)


def asked(client: Client, person: Person) -> str:
    answer = client.get(f"/people/{person.pk}/delete/")
    assert answer.status_code == 200
    return unescape(answer.content.decode()).partition("</h1>")[2]


class TestAsking:
    def test_says_what_goes_and_what_stays(self, member, mom):
        christmas, dad = OccasionFactory(), PersonFactory(name="Dad")
        make_gift(christmas, mom)
        make_gift(OccasionFactory(date=date(2025, 12, 25)), mom, status="received")
        make_gift(christmas, mom, dad)
        make_gift(christmas, dad, purchaser=mom)
        CardFactory(occasion=Occasion.objects.get(kind="anniversary"), person=dad)
        goes, _, stays = asked(member, mom).partition("What stays")
        assert "the list of 4 occasions, with the gift budgets there" in goes
        assert "2 gifts for them alone" in goes
        assert "1 birthday or anniversary of theirs on the calendar" in goes
        assert "1 gift that they share" in stays
        assert "1 gift that they buy, with nobody who buys it." in stays
        assert "1 birthday or anniversary of theirs at which others receive gifts too" in stays
        assert "can still sign in" not in stays

    def test_says_little_of_somebody_with_little(self, member):
        page = asked(member, PersonFactory(name="Sis"))
        assert "gift for" not in page
        assert "occasion" not in page
        assert "the photo" not in page

    def test_says_that_a_member_stays(self, member):
        page = asked(member, PersonFactory(user=UserFactory(), photo="people/a.webp"))
        assert "they can still sign in" in page
        assert "and the photo" in page

    def test_asking_deletes_nothing(self, member, mom):
        asked(member, mom)
        assert Person.objects.filter(pk=mom.pk).exists()

    def test_counts_nothing_that_is_a_surprise_to_who_asks(self, member, ann, mom):
        me, christmas = PersonFactory(name="Ann", user=ann), OccasionFactory()
        for person in (me, mom):
            CardFactory(occasion=christmas, person=person)
        make_gift(christmas, PersonFactory(name="Dad"), purchaser=mom)
        before = asked(member, mom)
        make_gift(christmas, me, mom)
        make_gift(christmas, me, purchaser=mom)
        PersonOccasion.objects.filter(person=me).update(recipient_budget=Decimal(50))
        after = asked(member, mom)
        tokens = (page.partition("csrfmiddlewaretoken")[0] for page in (before, after))
        assert len(set(tokens)) == 1

    def test_counts_it_once_the_day_has_passed(self, client, ann, mom, time_machine):
        me, christmas = PersonFactory(name="Ann", user=ann), OccasionFactory()
        make_gift(christmas, me, mom)
        time_machine.move_to("2026-12-26T00:30:00Z")
        client.force_login(ann)
        assert "1 gift that they share" in asked(client, mom)


class TestDeleting:
    def test_deletes_and_leaves_what_is_others(self, member, mom):
        christmas, dad = OccasionFactory(), PersonFactory(name="Dad")
        alone = make_gift(christmas, mom)
        shared = make_gift(christmas, mom, dad)
        bought = make_gift(christmas, dad, purchaser=mom)
        dads = CardFactory(
            occasion=Occasion.objects.get(kind="anniversary"),
            person=dad,
            recipient_budget=Decimal(30),
        )
        answer = member.post(f"/people/{mom.pk}/delete/", follow=True)
        assert answer.redirect_chain == [("/people/", 302)]
        assert "Mom is deleted." in answer.content.decode()
        assert not Person.objects.filter(pk=mom.pk).exists()
        assert not Gift.objects.filter(pk=alone.pk).exists()
        assert list(shared.recipients.all()) == [dad]
        bought.refresh_from_db()
        assert bought.purchaser is None
        dads.refresh_from_db()
        assert dads.recipient_budget == Decimal(30)
        assert not dads.occasion.repeats_yearly
        assert not Occasion.objects.filter(kind="birthday").exists()

    def test_a_member_can_still_sign_in(self, member):
        ben = UserFactory()
        member.post(f"/people/{PersonFactory(user=ben).pk}/delete/")
        assert User.objects.filter(pk=ben.pk, is_active=True).exists()

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_nobody_deletes_themselves(self, member, ann, method):
        UserFactory()
        me = PersonFactory(name="Ann", user=ann)
        answer = getattr(member, method)(f"/people/{me.pk}/delete/")
        assert answer.status_code == 403
        assert "somebody else deletes your entry" in answer.content.decode()
        assert Person.objects.filter(pk=me.pk).exists()
        form = member.get(f"/people/{me.pk}/change/").content.decode()
        assert f"/people/{me.pk}/delete/" not in form

    def test_but_who_is_alone_does(self, member, ann):
        me = PersonFactory(name="Ann", user=ann)
        form = member.get(f"/people/{me.pk}/change/").content.decode()
        assert f"/people/{me.pk}/delete/" in form
        assert member.post(f"/people/{me.pk}/delete/").status_code == 302
        assert not Person.objects.exists()

    def test_somebody_who_is_not_there_is_not_found(self, member):
        assert member.get("/people/999/delete/").status_code == 404
        assert member.post("/people/999/delete/").status_code == 404

    def test_other_methods_are_refused(self, member, mom):
        assert member.delete(f"/people/{mom.pk}/delete/").status_code == 405
