"""Deleting occasions: what goes and what stays is said first, then done."""

import re
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

NO_MORE = "no new year of it opens any more"


@pytest.fixture
def ann() -> User:
    return UserFactory(username="ann")


@pytest.fixture
def member(client: Client, ann: User) -> Client:
    client.force_login(ann)
    return client


def asked(client: Client, occasion: Occasion) -> str:
    answer = client.get(f"/occasions/{occasion.pk}/delete/")
    assert answer.status_code == 200
    html = unescape(answer.content.decode()).partition("</h1>")[2]
    return re.sub(r"[A-Za-z0-9]{64}", "", html)


def three_years() -> list[Occasion]:
    first = OccasionFactory.create(date=date(2024, 12, 25), repeats_yearly=True)
    [second] = planning.roll(today=date(2025, 1, 1))
    [third] = planning.roll(today=date(2026, 1, 1))
    return [first, second, third]


class TestAsking:
    def test_says_what_goes_and_what_stays(self, member):
        occasion = OccasionFactory(budget_total=Decimal(500))
        mom, dad = PersonFactory(), PersonFactory()
        make_gift(occasion, mom)
        make_gift(occasion, mom, dad, status="purchased")
        goes, _, stays = asked(member, occasion).partition("What stays")
        assert "This occasion, with its budget of $500.00." in goes
        assert "The cards of 2 people, with the gift budgets there." in goes
        assert "2 gifts, bought ones included." in goes
        assert NO_MORE not in goes
        assert "The people, and every other occasion." in stays
        assert "years" not in stays

    def test_says_little_of_one_with_little(self, member):
        goes = asked(member, OccasionFactory()).partition("What stays")[0]
        assert goes.count("<li>") == 1
        assert "This occasion." in goes

    def test_one_of_each_is_said_in_the_singular(self, member):
        occasion = OccasionFactory()
        make_gift(occasion, PersonFactory())
        page = asked(member, occasion)
        assert "The card of 1 person, with" in page
        assert "1 gift, bought" in page

    def test_the_latest_year_says_that_it_comes_back_no_more(self, member):
        [*_, third] = three_years()
        page = asked(member, third)
        assert NO_MORE in page
        assert "Earlier years, with their budgets and gifts." in page
        assert "Later years" not in page

    def test_an_earlier_year_says_that_the_others_stay(self, member):
        first, second, _ = three_years()
        page = asked(member, second)
        assert NO_MORE not in page
        assert "Earlier years, with their budgets and gifts." in page
        assert "Later years: it still comes back." in page
        assert "Earlier years" not in asked(member, first)

    def test_a_birthday_says_that_the_day_stays_with_the_person(self, member):
        planning.save_person(person=Person(name="Mom", birthday=date(1960, 9, 15)), today=TODAY)
        page = asked(member, Occasion.objects.get())
        assert "The birthday that is written down for Mom." in page

    def test_asking_deletes_nothing(self, member):
        occasion = OccasionFactory()
        asked(member, occasion)
        assert Occasion.objects.filter(pk=occasion.pk).exists()


class TestDeleting:
    def test_goes_with_its_cards_and_gifts(self, member):
        occasion, other = OccasionFactory(), OccasionFactory(date=date(2025, 12, 25))
        mom = PersonFactory()
        make_gift(occasion, mom)
        kept = make_gift(other, mom)
        answer = member.post(f"/occasions/{occasion.pk}/delete/", follow=True)
        assert answer.redirect_chain == [("/occasions/", 302)]
        assert "Christmas of Dec 25, 2026 is deleted." in answer.content.decode()
        assert list(Occasion.objects.all()) == [other]
        assert list(Gift.objects.all()) == [kept]
        assert [card.occasion for card in PersonOccasion.objects.all()] == [other]

    def test_one_that_comes_back_every_year_does_so_no_more(self, member):
        first, second, third = three_years()
        make_gift(second, PersonFactory())
        member.post(f"/occasions/{third.pk}/delete/")
        member.get("/occasions/")
        assert list(Occasion.objects.all()) == [first, second]
        assert second.gifts.count() == 1

    def test_a_year_in_between_leaves_the_others_joined_and_opens_none_twice(self, member):
        first, second, third = three_years()
        member.post(f"/occasions/{second.pk}/delete/")
        member.get("/occasions/")
        assert list(Occasion.objects.all()) == [first, third]
        third.refresh_from_db()
        assert third.previous == first
        assert third.repeats_yearly

    def test_the_first_year_leaves_the_later_ones(self, member):
        first, second, third = three_years()
        member.post(f"/occasions/{first.pk}/delete/")
        member.get("/occasions/")
        assert list(Occasion.objects.all()) == [second, third]

    def test_a_birthday_is_not_written_down_anew_by_looking(self, member):
        planning.save_person(person=Person(name="Mom", birthday=date(1960, 9, 15)), today=TODAY)
        member.post(f"/occasions/{Occasion.objects.get().pk}/delete/")
        member.get("/occasions/")
        assert not Occasion.objects.exists()

    def test_one_that_is_not_there_is_not_found(self, member):
        assert member.get("/occasions/999/delete/").status_code == 404
        assert member.post("/occasions/999/delete/").status_code == 404

    @pytest.mark.parametrize("method", ["put", "delete", "patch"])
    def test_other_methods_are_refused(self, member, method):
        path = f"/occasions/{OccasionFactory().pk}/delete/"
        assert getattr(member, method)(path).status_code == 405


class TestWhoReceives:
    @pytest.fixture
    def christmas(self) -> Occasion:
        return OccasionFactory()

    @pytest.fixture
    def me(self, ann: User, christmas: Occasion) -> Person:
        UserFactory()
        me = PersonFactory(name="Ann", user=ann)
        CardFactory(occasion=christmas, person=me)
        return me

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_others_delete_it(self, member, christmas, me, method):
        answers = []
        for _ in range(2):
            answer = getattr(member, method)(f"/occasions/{christmas.pk}/delete/")
            assert answer.status_code == 403
            answers.append(re.sub(rb"[A-Za-z0-9]{64}", b"", answer.content))
            make_gift(christmas, me)
        assert b"You receive gifts here, so somebody else deletes this occasion." in answers[0]
        assert answers[0] == answers[1]
        assert Occasion.objects.filter(pk=christmas.pk).exists()

    def test_who_is_alone_deletes_it_but_is_told_of_no_gift_for_them(
        self, member, ann, christmas, me
    ):
        User.objects.exclude(pk=ann.pk).delete()
        make_gift(christmas, PersonFactory(name="Mom"))
        before = asked(member, christmas)
        make_gift(christmas, me)
        assert asked(member, christmas) == before
        assert "1 gift, bought" in before
        assert member.post(f"/occasions/{christmas.pk}/delete/").status_code == 302
        assert not Occasion.objects.exists()

    def test_whoever_does_not_receive_is_told_of_all_and_deletes_it(self, client, christmas, me):
        make_gift(christmas, me)
        client.force_login(UserFactory())
        assert "1 gift, bought" in asked(client, christmas)
        assert client.post(f"/occasions/{christmas.pk}/delete/").status_code == 302

    def test_once_the_day_has_passed_they_do_it_too(self, member, ann, christmas, me, time_machine):
        make_gift(christmas, me)
        time_machine.move_to("2026-12-26T00:00:00Z")
        member.force_login(ann)
        assert "1 gift, bought" in asked(member, christmas)
        assert member.post(f"/occasions/{christmas.pk}/delete/").status_code == 302

    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Honolulu"])
    def test_not_while_the_day_lasts_at_home_or_where_they_are(
        self, member, ann, christmas, me, time_machine, zone
    ):
        User.objects.filter(pk=ann.pk).update(timezone=zone)
        moment = "2026-12-25T23:59:00Z" if "Kiritimati" in zone else "2026-12-26T09:59:00Z"
        time_machine.move_to(moment)
        member.force_login(ann)
        assert member.post(f"/occasions/{christmas.pk}/delete/").status_code == 403
