"""Whoever gets a present cannot bring it to light by a detour either."""

from datetime import date
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from config.tests.household import NOW, Household
from occasions.models import Gift, Occasion, PersonOccasion
from people.models import Person, User

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture(params=[False, True], ids=["member", "administrator"])
def home(request) -> Household:
    return Household(administrator=request.param)


@pytest.fixture
def leo(home: Household, client: Client) -> Client:
    client.force_login(home.user)
    return client


@pytest.fixture
def kite(home: Household) -> Gift:
    return home.hide()[0]


def send(client: Client, path: str, **changed: Any) -> HttpResponse:
    """Send the form that stands at `path`, with `changed` in it."""
    context = client.get(path).context
    form = context["adminform"].form if "adminform" in context else context["form"]
    data: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if value not in (None, False):
            data[bound.html_name] = data[f"initial-{bound.html_name}"] = value
    return client.post(path, data | changed)


def forms_of(home: Household, row: Person | Occasion | Gift) -> list[str]:
    """Return the pages on which Leo may change a row."""
    name = row._meta.model_name
    pages = {"person": "/people/{}/change/", "occasion": "/occasions/{}/change/"}
    paths = [pages.get(name, "/gifts/{}/").format(row.pk)]
    if home.user.is_staff:
        paths.append(f"/admin/{row._meta.app_label}/{name}/{row.pk}/change/")
    return paths


def day_of(occasion: Occasion) -> date:
    return Occasion.objects.get(pk=occasion.pk).date


class TestTheOccasion:
    def test_it_is_not_moved_into_the_past(self, home, leo):
        for occasion in (home.christmas, home.birthday, home.today):
            for path in forms_of(home, occasion):
                assert send(leo, path, date="2026-07-01", description="Moved").status_code == 302
                assert day_of(occasion) == occasion.date, path
        # All else was saved: the day alone is kept.
        assert Occasion.objects.filter(description="Moved").count() == 3

    def test_it_is_not_deleted(self, home, leo):
        assert leo.post(f"/occasions/{home.christmas.pk}/delete/").status_code == 403
        assert Occasion.objects.filter(pk=home.christmas.pk).exists()

    def test_where_leo_only_gives_he_moves_it(self, home, leo):
        for number, path in enumerate(forms_of(home, home.moms), start=4):
            assert send(leo, path, date=f"2026-10-0{number}").status_code == 302
            assert day_of(home.moms) == date(2026, 10, number)

    def test_who_is_alone_moves_it(self, home, leo):
        User.objects.exclude(pk=home.user.pk).delete()
        for number, path in enumerate(forms_of(home, home.christmas), start=1):
            send(leo, path, date=f"2026-12-0{number}")
            assert day_of(home.christmas) == date(2026, 12, number)


class TestTheList:
    def test_leo_does_not_leave_it(self, home, leo):
        place = f"/occasions/{home.christmas.pk}/people/"
        own = f"{place}{home.leo.pk}/"
        assert leo.post(f"{own}remove/", {"confirmed": "yes"}).status_code == 403
        leo.post(f"{own}receives/", {"receives": "no"})
        leo.post(place, {"people": [], "shown": [home.leo.pk], "confirmed": "yes"})
        assert home.christmas.links.filter(person=home.leo, receives=True).exists()

    def test_leo_reads_and_writes_no_budget_for_himself(self, home, leo, kite):
        own = f"/occasions/{home.christmas.pk}/people/{home.leo.pk}/"
        answer = leo.post(own, {"recipient_budget": "1", "recipient_budget_seen": "777.77"})
        assert answer.status_code == 404
        for helper in ("copy", "split", "all"):
            leo.post(f"/occasions/{home.christmas.pk}/budgets/", {"helper": helper, "amount": "1"})
        console = f"/admin/occasions/personoccasion/{home.card.pk}/"
        statuses = {leo.post(f"{console}change/", {"recipient_budget": "1"}).status_code}
        assert statuses == {404 if home.user.is_staff else 403}
        assert str(PersonOccasion.objects.get(pk=home.card.pk).recipient_budget) == "777.770000"


class TestThePerson:
    @pytest.mark.parametrize("field", ["birthday", "anniversary"])
    def test_leo_moves_no_day_of_his_own(self, home, leo, field):
        Person.objects.filter(pk=home.leo.pk).update(anniversary=date(2020, 9, 9))
        for path in forms_of(home, home.leo):
            assert send(leo, path, **{field: "2012-07-14"}).status_code == 302
            assert send(leo, path, **{field: ""}).status_code == 302
        stored = Person.objects.get(pk=home.leo.pk)
        assert (stored.birthday, stored.anniversary) == (date(2012, 9, 9), date(2020, 9, 9))
        assert day_of(home.birthday) == date(2026, 9, 9)

    def test_a_birthday_that_somebody_took_away_is_not_set_to_today(self, home, leo):
        Person.objects.filter(pk=home.leo.pk).update(birthday=None)
        for path in forms_of(home, home.leo):
            send(leo, path, birthday="2012-07-15")
        assert day_of(home.birthday) == date(2026, 9, 9)

    def test_leo_stays_leo(self, home, leo):
        for path in forms_of(home, home.leo):
            for other in ("", str(home.sis.user.pk)):
                send(leo, path, user=other)
        assert leo.post(f"/people/{home.mom.pk}/me/").status_code == 403
        for path in forms_of(home, home.mom):
            send(leo, path, user=str(home.user.pk))
        assert Person.objects.get(user=home.user) == home.leo

    def test_leo_is_not_deleted(self, home, leo):
        assert leo.post(f"/people/{home.leo.pk}/delete/").status_code == 403
        leo.post(f"/admin/people/person/{home.leo.pk}/delete/", {"post": "yes"})
        assert Person.objects.filter(pk=home.leo.pk).exists()

    def test_another_time_zone_shows_nothing_earlier(self, home, leo, kite, time_machine):
        time_machine.move_to("2026-12-25T11:00:00Z", tick=False)
        leo.force_login(home.user)
        assert send(leo, "/account/", timezone="Pacific/Kiritimati").status_code == 302
        assert User.objects.get(pk=home.user.pk).timezone == "Pacific/Kiritimati"
        assert leo.get(f"/gifts/{kite.pk}/").status_code == 404
        assert "Canary " not in leo.get(f"/occasions/{home.christmas.pk}/").content.decode()


class TestGifts:
    def test_leo_plans_none_for_himself(self, home, leo):
        count = Gift.objects.count()
        place = f"/occasions/{home.christmas.pk}/people/{home.leo.pk}/gifts/"
        assert leo.post(place, {"title": "Bike"}).status_code == 404
        typed = {"title": "Bike", "occasion": home.christmas.pk, "recipients": [home.leo.pk]}
        assert send(leo, "/gifts/add/", **typed).status_code == 422
        assert Gift.objects.count() == count

    def test_leo_makes_no_gift_one_for_himself(self, home, leo):
        boots = Gift.objects.get(title="Boots")
        both = [home.dad.pk, home.leo.pk]
        for path in forms_of(home, boots):
            refused = 200 if path.startswith("/admin/") else 422
            assert send(leo, path, recipients=both).status_code == refused
            assert list(boots.recipients.all()) == [home.dad], path

    def test_an_old_gift_of_his_is_not_moved_to_a_day_to_come(self, home, leo):
        rug = Gift.objects.get(title="Old rug")
        for path in forms_of(home, rug):
            refused = 200 if path.startswith("/admin/") else 422
            assert send(leo, path, occasion=home.christmas.pk).status_code == refused
        assert Gift.objects.get(title="Old rug").occasion == home.yesterday

    def test_leo_touches_no_present(self, home, leo, kite):
        everything = {"status": "purchased", "title": "Mine", "post": "yes"}
        places = [f"/gifts/{kite.pk}/", f"/gifts/{kite.pk}/status/", f"/gifts/{kite.pk}/delete/"]
        console = f"/admin/occasions/gift/{kite.pk}/"
        if home.user.is_staff:
            places += [f"{console}{page}/" for page in ("change", "delete", "history")]
        for place in places:
            assert leo.get(place).status_code == 404, place
            assert leo.post(place, everything).status_code == 404, place
        if home.user.is_staff:
            ticked = {"action": "download_csv", "index": "0", "_selected_action": [kite.pk]}
            sheet = b"".join(leo.post("/admin/occasions/gift/", ticked))
            assert b"Canary " not in sheet
        kite.refresh_from_db()
        assert (kite.title, kite.status) == ("Canary kite", "selected")
