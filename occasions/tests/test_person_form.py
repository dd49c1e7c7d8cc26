"""Writing people down and changing them: what is kept, refused, and not for everybody."""

from datetime import date
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from occasions import planning
from occasions.models import Occasion, Role
from occasions.tests.factories import (
    NOW,
    TODAY,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
    stored,
)
from people.models import Person, User
from people.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

TYPED = {
    "name": "Mom",
    "relationship": "parent",
    "birthday": "1960-03-15",
    "anniversary": "1985-06-05",
    "interests": "Gardening",
    "sizes": "M, shoes 39",
    "notes": "No perfume",
}
LOCKED = "Presents hang on these days, so somebody else changes them for you."


@pytest.fixture
def ann() -> User:
    return UserFactory(username="ann", first_name="Ann")


@pytest.fixture
def member(client: Client, ann: User) -> Client:
    client.force_login(ann)
    return client


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(UserFactory(username="root", administrator=True))
    return client


def mom_of_1960(**values: Any) -> Person:
    person = Person(name="Mom", relationship="parent", birthday=date(1960, 3, 15), **values)
    return planning.save_person(person=person, today=TODAY)


class Sent(HTMLParser):
    """What a browser sends of the form on a page, as it stands there."""

    def __init__(self, page: HttpResponse) -> None:
        super().__init__()
        self.data: dict[str, str] = {}
        self.locked: set[str] = set()
        self._into = ""
        self.feed(page.content.decode().partition("multipart/form-data")[2].partition("</form>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        name = told.get("name") or ""
        if "disabled" in told:
            self.locked.add(name)
        elif tag == "input" and told["type"] not in {"file", "checkbox"}:
            self.data[name] = told.get("value") or ""
        elif tag in {"textarea", "select"}:
            self._into, self.data[name] = name, ""
        elif tag == "option" and "selected" in told:
            self.data[self._into] = told["value"] or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in {"textarea", "select"}:
            self._into = ""

    def handle_data(self, data: str) -> None:
        # A browser leaves out the line break that begins a text.
        if self._into and self.lasttag == "textarea":
            self.data[self._into] += data.removeprefix("\n")


def opened(client: Client, person: Person) -> Sent:
    return Sent(client.get(f"/people/{person.pk}/change/"))


def change(client: Client, person: Person, **typed: str):
    data = opened(client, person).data | typed
    return client.post(f"/people/{person.pk}/change/", data)


class TestAdding:
    def test_a_person_is_stored_as_typed_and_opened(self, member):
        answer = member.post("/people/add/", TYPED, follow=True)
        mom = Person.objects.get()
        assert answer.redirect_chain == [(f"/people/{mom.pk}/", 302)]
        assert "Mom is saved." in answer.content.decode()
        assert {name: str(getattr(mom, name)) for name in TYPED} == TYPED
        assert mom.user is None

    def test_a_name_is_enough(self, member):
        member.post("/people/add/", {"name": " Sis ", "relationship": "sibling"})
        assert Person.objects.get().name == "Sis"
        assert not Occasion.objects.exists()

    def test_birthday_and_anniversary_come_on_the_calendar(self, member):
        member.post("/people/add/", TYPED)
        days = {(day.name, day.date, day.repeats_yearly) for day in Occasion.objects.all()}
        assert days == {
            ("Mom’s birthday", date(2027, 3, 15), True),
            ("Mom’s anniversary", date(2027, 6, 5), True),
        }

    def test_the_form_says_that_a_birthday_comes_on_the_calendar(self, member):
        assert "Comes on the calendar every year by itself" in unescape(
            member.get("/people/add/").content.decode()
        )

    @pytest.mark.parametrize(
        ("field", "typed", "message"),
        [
            ("name", "", "This field is required."),
            ("name", "   ", "This field is required."),
            ("name", "M" * 121, "at most 120 characters"),
            ("name", "Mo\0m", "Null characters are not allowed."),
            ("relationship", "boss", "Select a valid choice."),
            ("relationship", "", "This field is required."),
            ("birthday", "2026-07-16", "A birthday is not in the future."),
            ("birthday", "1899-12-31", "Choose a day from 1900 on."),
            ("birthday", "1961-02-29", "Enter a valid date."),
            ("birthday", "soon", "Enter a valid date."),
            ("anniversary", "1899-12-31", "Choose a day from 1900 on."),
            ("anniversary", "2200-01-01", "Choose a day from 1900 on."),
            ("interests", "x" * 2001, "at most 2000 characters"),
            ("sizes", "x" * 2001, "at most 2000 characters"),
            ("notes", "x" * 2001, "at most 2000 characters"),
        ],
    )
    def test_what_is_wrong_is_told_at_its_field_and_keeps_all_that_was_typed(
        self, member, field, typed, message
    ):
        answer = member.post("/people/add/", TYPED | {field: typed})
        assert answer.status_code == 422
        form = answer.context["form"]
        assert list(form.errors) == [field]
        assert message in form.errors[field][0]
        assert {name: form[name].value() for name in TYPED} == TYPED | {field: typed}
        assert not Person.objects.exists()

    @pytest.mark.parametrize("day", ["2026-07-15", "1900-01-01", "1960-02-29"])
    def test_today_and_a_long_time_ago_are_birthdays(self, member, day):
        assert member.post("/people/add/", TYPED | {"birthday": day}).status_code == 302

    def test_today_is_that_of_the_member(self, client, time_machine):
        time_machine.move_to("2026-07-15T20:00:00Z")
        tomorrow = TYPED | {"birthday": "2026-07-16"}
        client.force_login(UserFactory(timezone="Pacific/Honolulu"))
        assert client.post("/people/add/", tomorrow).status_code == 422
        client.force_login(UserFactory(timezone="Pacific/Kiritimati"))
        assert client.post("/people/add/", tomorrow).status_code == 302


class TestChanging:
    def test_shows_what_is_stored(self, member):
        mom = mom_of_1960(sizes="Shoes 39")
        form = opened(member, mom).data
        assert (form["name"], form["relationship"]) == ("Mom", "parent")
        assert (form["birthday"], form["sizes"]) == ("1960-03-15", "Shoes 39")

    def test_a_birthday_that_moves_takes_its_occasion_with_budgets_and_gifts_along(self, member):
        mom = mom_of_1960()
        birthday = Occasion.objects.get()
        card = birthday.links.get(person=mom)
        planning.save_budget(card=card, role=Role.RECIPIENT, amount=Decimal(200), seen=None)
        gift = make_gift(birthday, mom)
        assert change(member, mom, birthday="1960-03-20").status_code == 302
        birthday.refresh_from_db()
        assert Occasion.objects.get() == birthday
        assert birthday.date == date(2027, 3, 20)
        assert stored(card) == (Decimal(200), None)
        assert birthday.gifts.get() == gift

    def test_a_new_name_is_the_name_of_the_birthday_too(self, member):
        mom = mom_of_1960()
        change(member, mom, name="Mum")
        assert Occasion.objects.get().name == "Mum’s birthday"

    def test_two_who_change_different_fields_from_the_same_page_both_keep_theirs(self, member):
        mom = mom_of_1960(interests="Gardening\nNovels", sizes="M")
        form = opened(member, mom)
        path = f"/people/{mom.pk}/change/"
        member.post(path, form.data | {"sizes": "L"})
        member.post(path, form.data | {"interests": "Sailing"})
        mom.refresh_from_db()
        assert (mom.interests, mom.sizes) == ("Sailing", "L")

    def test_what_was_read_too_early_is_not_written_back(self):
        mom = mom_of_1960(sizes="M")
        read_early = Person.objects.get(pk=mom.pk)
        planning.save_person(person=mom, values={"sizes": "L"}, today=TODAY)
        planning.save_person(person=read_early, values={"interests": "Sailing"}, today=TODAY)
        mom.refresh_from_db()
        assert (mom.interests, mom.sizes) == ("Sailing", "L")

    def test_a_page_that_was_refused_in_between_still_knows_what_was_changed(self, member):
        mom = mom_of_1960(interests="Gardening", sizes="M")
        path = f"/people/{mom.pk}/change/"
        first = opened(member, mom).data
        refused = member.post(path, first | {"sizes": "L", "birthday": "2026-07-16"})
        planning.save_person(person=mom, values={"interests": "Sailing"}, today=TODAY)
        member.post(path, Sent(refused).data | {"birthday": "1960-03-15"})
        mom.refresh_from_db()
        assert (mom.interests, mom.sizes) == ("Sailing", "L")

    def test_what_is_blanked_is_blank(self, member):
        mom = mom_of_1960(interests="Gardening")
        change(member, mom, interests="", birthday="")
        mom.refresh_from_db()
        assert (mom.interests, mom.birthday) == ("", None)

    def test_a_plain_form_without_what_was_shown_sets_what_it_names(self, member):
        mom = mom_of_1960(interests="Gardening")
        member.post(f"/people/{mom.pk}/change/", TYPED | {"interests": ""})
        mom.refresh_from_db()
        assert (mom.interests, mom.sizes) == ("", "M, shoes 39")

    def test_a_refused_change_stores_nothing_and_does_not_rename_the_page(self, member):
        mom = mom_of_1960()
        answer = change(member, mom, name="Mum", birthday="1899-01-01")
        assert answer.status_code == 422
        assert "Change Mom" in answer.content.decode()
        mom.refresh_from_db()
        assert mom.name == "Mom"

    def test_somebody_who_is_not_there_is_not_found(self, member):
        assert member.get("/people/999/change/").status_code == 404
        assert member.post("/people/999/change/", TYPED).status_code == 404

    @pytest.mark.parametrize("path", ["/people/add/", "/people/{}/change/"])
    def test_other_methods_are_refused(self, member, path):
        assert member.put(path.format(PersonFactory().pk)).status_code == 405


class TestOnesOwnDays:
    """Who moves their own birthday to yesterday would see the presents for it."""

    @pytest.fixture
    def me(self, ann: User) -> Person:
        UserFactory()  # somebody else who can sign in
        person = Person(name="Ann", birthday=date(1990, 9, 1), user=ann)
        return planning.save_person(person=person, today=TODAY)

    def test_a_day_that_is_set_cannot_be_typed_into_and_it_says_why(self, member, me):
        page = member.get(f"/people/{me.pk}/change/").content.decode()
        assert LOCKED in page
        assert opened(member, me).locked == {"birthday"}

    @pytest.mark.parametrize("day", ["1990-07-15", ""])
    def test_nor_changed_by_a_form_of_ones_own(self, member, me, day):
        typed = TYPED | {"birthday": day, "initial-birthday": "1990-09-01", "anniversary": ""}
        assert member.post(f"/people/{me.pk}/change/", typed).status_code == 302
        me.refresh_from_db()
        assert (me.name, me.birthday) == ("Mom", date(1990, 9, 1))
        assert Occasion.objects.get().date == date(2026, 9, 1)

    def test_a_day_that_is_not_set_may_be(self, member, me):
        change(member, me, anniversary="2015-08-08")
        me.refresh_from_db()
        assert me.anniversary == date(2015, 8, 8)
        assert opened(member, me).locked == {"birthday", "anniversary"}

    def test_a_day_that_somebody_else_took_away_is_kept_while_its_occasion_is_to_come(
        self, member, me
    ):
        planning.save_person(person=me, values={"birthday": None}, today=TODAY)
        change(member, me, birthday="1990-07-15")
        assert Occasion.objects.get().date == date(2026, 9, 1)

    def test_everything_else_about_oneself_may_be_changed(self, member, me):
        change(member, me, interests="Chess", name="Anna")
        me.refresh_from_db()
        assert (me.name, me.interests) == ("Anna", "Chess")

    def test_whose_member_one_is_stays_even_for_an_administrator(self, member, ann, me):
        User.objects.filter(pk=ann.pk).update(is_staff=True)
        other = UserFactory()
        for user in ("", str(other.pk)):
            member.post(f"/people/{me.pk}/change/", TYPED | {"user": user})
            me.refresh_from_db()
            assert me.user == ann

    def test_others_change_them(self, client, me):
        client.force_login(UserFactory())
        change(client, me, birthday="1990-09-02")
        assert Occasion.objects.get().date == date(2026, 9, 2)

    def test_who_is_alone_changes_their_own(self, member, me, ann):
        User.objects.exclude(pk=ann.pk).delete()
        assert LOCKED not in member.get(f"/people/{me.pk}/change/").content.decode()
        change(member, me, birthday="1990-09-02")
        me.refresh_from_db()
        assert me.birthday == date(1990, 9, 2)

    def test_the_day_of_somebody_else_at_which_one_receives_is_for_others_too(self, member, me):
        mom = mom_of_1960()
        birthday = Occasion.objects.get(celebrates=mom)
        assert LOCKED not in member.get(f"/people/{mom.pk}/change/").content.decode()
        CardFactory(occasion=birthday, person=me)
        assert LOCKED in member.get(f"/people/{mom.pk}/change/").content.decode()
        member.post(f"/people/{mom.pk}/change/", TYPED | {"birthday": "1960-07-15"})
        birthday.refresh_from_db()
        assert birthday.date == date(2027, 3, 15)

    def test_the_form_does_not_tell_whether_there_are_presents(self, member, me):
        def form() -> str:
            page = member.get(f"/people/{me.pk}/change/").content.decode()
            return (
                page.partition('<section class="card">')[2].partition("csrfmiddleware")[0]
                + (page.partition("Days</legend>")[2])
            )

        before = form()
        assert LOCKED in before
        make_gift(Occasion.objects.get(), me)
        assert form() == before


class TestMembership:
    def test_members_neither_see_nor_set_it(self, member):
        mom, ben = mom_of_1960(), UserFactory()
        assert "user" not in opened(member, mom).data
        member.post(f"/people/{mom.pk}/change/", TYPED | {"user": str(ben.pk)})
        member.post("/people/add/", TYPED | {"name": "Ben", "user": str(ben.pk)})
        assert not Person.objects.filter(user__isnull=False).exists()

    def test_an_administrator_says_who_signs_in_and_takes_it_back(self, administrator):
        mom, ben = mom_of_1960(), UserFactory()
        change(administrator, mom, user=str(ben.pk))
        mom.refresh_from_db()
        assert mom.user == ben
        change(administrator, mom, user="")
        mom.refresh_from_db()
        assert mom.user is None

    def offered(self, client: Client, person: Person) -> list[str]:
        form = client.get(f"/people/{person.pk}/change/").context["form"]
        return [str(label) for value, label in form.fields["user"].choices if value]

    def test_only_members_who_are_nobody_yet_are_offered_and_the_current_one(self, administrator):
        ben, taken = UserFactory(username="ben"), UserFactory(username="cy", first_name="Cy")
        UserFactory(username="gone", is_active=False)
        cy = PersonFactory(user=taken)
        assert self.offered(administrator, PersonFactory()) == ["ben", "root"]
        assert self.offered(administrator, cy) == ["ben", "Cy (cy)", "root"]
        assert change(administrator, PersonFactory(), user=str(taken.pk)).status_code == 422
        assert administrator.post("/people/add/", TYPED | {"user": str(ben.pk)}).status_code == 302


class TestClaiming:
    def test_a_member_says_who_they_are_after_reading_what_it_means(self, member, ann):
        mom = mom_of_1960()
        assert "This is me</a>" in member.get(f"/people/{mom.pk}/").content.decode()
        asked = member.get(f"/people/{mom.pk}/me/").content.decode()
        assert "You cannot take this back yourself" in asked
        answer = member.post(f"/people/{mom.pk}/me/", follow=True)
        assert answer.redirect_chain == [(f"/people/{mom.pk}/", 302)]
        mom.refresh_from_db()
        assert mom.user == ann

    def test_asking_alone_changes_nothing(self, member):
        mom = mom_of_1960()
        member.get(f"/people/{mom.pk}/me/")
        mom.refresh_from_db()
        assert mom.user is None

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_who_is_somebody_cannot_be_somebody_else(self, member, ann, method):
        me, mom = PersonFactory(user=ann), mom_of_1960()
        answer = getattr(member, method)(f"/people/{mom.pk}/me/")
        assert answer.status_code == 403
        assert "You are on the list already." in answer.content.decode()
        assert "This is me</a>" not in member.get(f"/people/{mom.pk}/").content.decode()
        assert Person.objects.get(user=ann) == me

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_nobody_takes_an_entry_that_is_somebodys(self, member, method):
        ben = UserFactory()
        person = PersonFactory(name="Ben", user=ben)
        answer = getattr(member, method)(f"/people/{person.pk}/me/")
        assert answer.status_code == 403
        assert "Ben signs in as somebody else." in answer.content.decode()
        assert "This is me</a>" not in member.get(f"/people/{person.pk}/").content.decode()
        person.refresh_from_db()
        assert person.user == ben

    def test_the_second_of_two_who_claim_at_once_is_refused(self, ann):
        person, ben = PersonFactory(), UserFactory()
        assert planning.claim_person(person=person, user=ann)
        assert not planning.claim_person(person=person, user=ben)
        assert not planning.claim_person(person=PersonFactory(), user=ann)
        assert Person.objects.get(user__isnull=False).user == ann

    def test_from_then_on_it_is_a_surprise(self, member):
        mom = PersonFactory(name="Mom")
        make_gift(OccasionFactory(), mom, title="A trowel")
        assert "A trowel" in member.get(f"/people/{mom.pk}/gifts/").content.decode()
        member.post(f"/people/{mom.pk}/me/")
        assert "A trowel" not in member.get(f"/people/{mom.pk}/gifts/").content.decode()

    def test_other_methods_and_nobody(self, member):
        assert member.put(f"/people/{mom_of_1960().pk}/me/").status_code == 405
        assert member.post("/people/999/me/").status_code == 404
