"""Writing a gift down, its own page, and deleting it: what is stored, refused and kept secret."""

from datetime import date
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser

import pytest
from django.http import HttpResponse
from django.test import Client

from occasions.models import Gift, Occasion
from occasions.tests.factories import (
    NOW,
    CardFactory,
    OccasionFactory,
    PersonFactory,
    make_gift,
)
from people.models import Person, User
from people.tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

BAD_AMOUNTS = [
    ("-0.01", "Enter 0 or more."),
    ("abc", "Enter an amount like 12.50."),
    ("10.005", "Use at most 2 decimal places."),
    ("NaN", "Enter an amount like 12.50."),
    ("Infinity", "Enter an amount like 12.50."),
    ("1e30", "Enter an amount like 12.50."),
    ("1.234,56", "Enter an amount like 12.50."),
    ("100000000", "That is more than 99,999,999.99."),
]
NOT_FOR_YOU = "What you get there is for others to plan, until the day has passed."


@pytest.fixture
def member(client: Client) -> Client:
    client.force_login(UserFactory())
    return client


@pytest.fixture
def christmas() -> Occasion:
    return OccasionFactory()


@pytest.fixture
def mom() -> Person:
    return PersonFactory(name="Mom")


@pytest.fixture
def dad() -> Person:
    return PersonFactory(name="Dad")


def typed(occasion: Occasion, *recipients: Person, **values: object) -> dict[str, object]:
    return {
        "title": "Scarf",
        "occasion": occasion.pk,
        "recipients": [person.pk for person in recipients],
        "purchaser": "",
        "priority": "2",
        "status": "idea",
        "price": "",
        "paid_price": "",
        "quantity": "1",
        "link": "",
        "notes": "",
        **values,
    }


def add(client: Client, occasion: Occasion, *recipients: Person, **values: object):
    return client.post("/gifts/add/", typed(occasion, *recipients, **values))


def said(answer: HttpResponse) -> str:
    return unescape(answer.content.decode())


class Sent(HTMLParser):
    """What a browser sends of the form on a page, as it stands there."""

    def __init__(self, page: HttpResponse) -> None:
        super().__init__()
        self.data: dict[str, list[str]] = {}
        #: What can be chosen, by the name of the field.
        self.offered: dict[str, list[str]] = {}
        self._into = ""
        self.feed(page.content.decode().partition("gift-form")[2].partition("</form>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        name, value = told.get("name") or "", told.get("value") or ""
        if tag == "input":
            is_choice = told["type"] in {"checkbox", "radio"}
            if is_choice:
                self.offered.setdefault(name, []).append(value)
            if not is_choice or "checked" in told:
                self.data.setdefault(name, []).append(value)
        elif tag in {"select", "textarea"}:
            self._into = name
            self.data[name] = [""]
        elif tag == "option":
            self.offered.setdefault(self._into, []).append(value)
            if "selected" in told:
                self.data[self._into] = [value]

    def handle_data(self, data: str) -> None:
        # A browser leaves out the line break that begins a text.
        if self._into and self.lasttag == "textarea":
            self.data[self._into] = [self.data[self._into][0] + data.removeprefix("\n")]

    def handle_endtag(self, tag: str) -> None:
        if tag in {"select", "textarea"}:
            self._into = ""


def opened(client: Client, gift: Gift) -> Sent:
    return Sent(client.get(f"/gifts/{gift.pk}/"))


def change(client: Client, gift: Gift, **values: object):
    return client.post(f"/gifts/{gift.pk}/", opened(client, gift).data | values)


def names(gift: Gift) -> list[str]:
    return sorted(person.name for person in gift.recipients.all())


class TestAdding:
    def test_a_gift_is_stored_as_typed_and_leads_to_its_occasion(self, member, christmas, mom, dad):
        sis = PersonFactory(name="Sis")
        values = {
            "title": "Tickets",
            "purchaser": sis.pk,
            "priority": "1",
            "status": "purchased",
            "price": "1,200",
            "paid_price": "999.50",
            "quantity": "2",
            "link": "https://example.com/tickets?row=3",
            "notes": "Not on a Monday",
        }
        answer = member.post("/gifts/add/", typed(christmas, mom, dad, **values), follow=True)
        assert answer.redirect_chain == [(f"/occasions/{christmas.pk}/", 302)]
        assert "“Tickets” is saved." in said(answer)
        gift = Gift.objects.get()
        assert (gift.title, gift.occasion, gift.purchaser) == ("Tickets", christmas, sis)
        assert (gift.price, gift.paid_price) == (Decimal(1200), Decimal("999.50"))
        assert (gift.quantity, gift.cost, gift.priority) == (2, Decimal(1999), 1)
        assert (gift.status, gift.bought_on) == ("purchased", NOW.date())
        assert (gift.link, gift.notes) == (values["link"], "Not on a Monday")
        assert names(gift) == ["Dad", "Mom"]

    def test_a_title_an_occasion_and_somebody_are_enough(self, member, christmas, mom):
        data = Sent(member.get("/gifts/add/")).data
        data |= {"title": [" Scarf "], "occasion": [christmas.pk], "recipients": [mom.pk]}
        assert member.post("/gifts/add/", data).status_code == 302
        gift = Gift.objects.get()
        assert (gift.title, gift.price, gift.status) == ("Scarf", None, "idea")
        assert (gift.quantity, gift.priority, gift.purchaser) == (1, Gift.Priority.NORMAL, None)

    def test_who_is_not_on_the_list_yet_is_put_there(self, member, christmas, mom, dad):
        giver = CardFactory(occasion=christmas, person=dad, receives=False)
        page = said(member.get("/gifts/add/"))
        assert "Who is not on the occasion’s list yet is put there." in page
        add(member, christmas, mom, dad)
        giver.refresh_from_db()
        assert giver.receives
        assert christmas.links.filter(person=mom, receives=True).exists()

    def test_a_link_may_say_for_whom_and_when(self, member, christmas, mom, dad):
        address = f"/gifts/add/?occasion={christmas.pk}&person={dad.pk}"
        sent = Sent(member.get(address)).data
        assert (sent["occasion"], sent["recipients"]) == ([str(christmas.pk)], [str(dad.pk)])
        member.post(address, sent | {"title": ["Scarf"]})
        gift = Gift.objects.get()
        assert (gift.occasion, names(gift)) == (christmas, ["Dad"])

    def test_a_birthday_is_its_own_persons(self, member, mom):
        birthday = OccasionFactory(kind="birthday", celebrates=mom)
        sent = Sent(member.get(f"/gifts/add/?occasion={birthday.pk}")).data
        assert sent["recipients"] == [str(mom.pk)]

    @pytest.mark.parametrize("asked", ["occasion=x&person=y", "occasion=999&person=999", "person="])
    def test_a_link_that_cannot_be_read_asks_for_nothing(self, member, christmas, mom, asked):
        answer = member.get(f"/gifts/add/?{asked}")
        assert answer.status_code == 200
        sent = Sent(answer).data
        assert sent["occasion"] == [""]
        assert "recipients" not in sent

    def test_occasions_to_come_are_offered_first_and_past_ones_below(self, member, mom):
        days = {"Old": date(2024, 1, 1), "Recent": date(2026, 7, 14), "Later": date(2027, 1, 1)}
        keys = {name: OccasionFactory(name=name, date=day).pk for name, day in days.items()}
        today = OccasionFactory(name="Today", date=NOW.date()).pk
        answer = member.get("/gifts/add/")
        assert Sent(answer).offered["occasion"] == [
            "",
            *(str(key) for key in (today, keys["Later"], keys["Recent"], keys["Old"])),
        ]
        assert '<optgroup label="Past">' in said(answer)
        assert "Later, Jan 1, 2027" in said(answer)

    def test_without_an_occasion_one_is_asked_for(self, member, mom):
        page = said(member.get("/gifts/add/"))
        assert "none is on the calendar yet" in page
        assert 'href="/occasions/add/"' in page

    def test_without_people_somebody_is_asked_for(self, member, christmas):
        page = said(member.get("/gifts/add/"))
        assert "nobody is there yet to give one to" in page
        assert 'href="/people/add/"' in page


class TestWrongInput:
    @pytest.mark.parametrize("field", ["price", "paid_price"])
    @pytest.mark.parametrize(("text", "message"), BAD_AMOUNTS)
    def test_what_is_no_amount_is_refused_with_the_text_kept(
        self, member, christmas, mom, field, text, message
    ):
        answer = add(member, christmas, mom, **{field: text})
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {field}
        assert message in said(answer)
        assert Sent(answer).data[field] == [text]
        assert "<title>Not saved: " in said(answer)
        assert not Gift.objects.exists()

    @pytest.mark.parametrize("field", ["price", "paid_price"])
    def test_a_refused_amount_keeps_the_one_that_is_stored(self, member, christmas, mom, field):
        gift = make_gift(christmas, mom, **{"price": "50", field: Decimal(40)})
        answer = change(member, gift, **{field: "1e30", "title": "Other"})
        assert answer.status_code == 422
        gift.refresh_from_db()
        assert (getattr(gift, field), gift.title) == (Decimal(40), "A gift")
        again = Sent(answer).data
        assert (again[field], again[f"initial-{field}"]) == (["1e30"], ["40.00"])

    @pytest.mark.parametrize(
        ("text", "amount"),
        [
            ("99,999,999.99", "99999999.99"),
            ("99999999.99", "99999999.99"),
            ("1,200", "1200"),
            ("0", "0"),
            (" 12.5 ", "12.50"),
        ],
    )
    def test_what_is_one_is_stored_exactly(self, member, christmas, mom, text, amount):
        assert add(member, christmas, mom, price=text).status_code == 302
        assert Gift.objects.get().price == Decimal(amount)

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"title": " "}, "Say what it is."),
            ({"title": "x" * 201}, "at most 200 characters"),
            ({"title": "a\0b"}, "Null characters are not allowed."),
            ({"occasion": ""}, "Choose an occasion."),
            ({"occasion": "999999"}, "Select a valid choice."),
            ({"recipients": []}, "Choose at least one person."),
            ({"recipients": ["999999"]}, "Select a valid choice."),
            ({"recipients": ["x"]}, "is not a valid value"),
            ({"purchaser": "999999"}, "Select a valid choice."),
            ({"priority": "9"}, "Select a valid choice."),
            ({"status": "lost"}, "Select a valid choice."),
            ({"status": ""}, "This field is required."),
            ({"quantity": ""}, "Enter 1 to 9,999."),
            ({"quantity": "0"}, "Enter 1 to 9,999."),
            ({"quantity": "10000"}, "Enter 1 to 9,999."),
            ({"quantity": "1.5"}, "Enter 1 to 9,999."),
            ({"quantity": "9" * 30}, "Enter 1 to 9,999."),
            ({"notes": "x" * 2001}, "at most 2000 characters"),
        ],
    )
    def test_is_told_at_its_field(self, member, christmas, mom, wrong, message):
        answer = member.post("/gifts/add/", typed(christmas, mom) | wrong)
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == wrong.keys()
        assert message in said(answer)
        assert not Gift.objects.exists()

    def test_the_pieces_together_are_an_amount_too(self, member, christmas, mom):
        wrong = {"price": "50000", "quantity": "9999"}
        answer = add(member, christmas, mom, **wrong)
        assert answer.status_code == 422
        assert "Together that is more than 99,999,999.99." in said(answer)
        assert 'value="50000"' in said(answer)
        gift = make_gift(christmas, mom)
        changed = typed(christmas, mom, **wrong)
        assert member.post(f"/gifts/{gift.pk}/", changed).status_code == 422
        assert list(Gift.objects.values_list("cost", flat=True)) == [Decimal(50)]

    @pytest.mark.parametrize(
        "link",
        [
            "javascript:alert(1)",
            "JavaScript://example.com/%0aalert(1)",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:msgbox(1)",
            "file:///etc/passwd",
            "ftp://example.com/gift",
            "https://",
            "not a link",
        ],
    )
    def test_a_link_is_an_address_on_the_web(self, member, christmas, mom, link):
        answer = add(member, christmas, mom, link=link)
        assert answer.status_code == 422
        assert "Enter an address that begins with https:// or http://." in said(answer)
        assert Sent(answer).data["link"] == [link]
        assert not Gift.objects.exists()

    @pytest.mark.parametrize(
        ("link", "stored"),
        [
            ("http://example.com/a", "http://example.com/a"),
            ("https://example.com/a?b=c&d=e#f", "https://example.com/a?b=c&d=e#f"),
            ("example.com/a", "https://example.com/a"),
        ],
    )
    def test_one_that_is_opens_from_the_gifts_page(self, member, christmas, mom, link, stored):
        add(member, christmas, mom, link=link)
        gift = Gift.objects.get()
        assert gift.link == stored
        page = said(member.get(f"/gifts/{gift.pk}/"))
        assert f'href="{stored}" rel="noopener noreferrer"' in page

    def test_nobody_buys_their_own_gift(self, member, christmas, mom, dad):
        answer = add(member, christmas, mom, dad, purchaser=mom.pk)
        assert answer.status_code == 422
        assert answer.context["form"].errors == {
            "purchaser": ["Mom gets this gift: choose somebody else to buy it."]
        }
        assert not Gift.objects.exists()

    def test_a_gift_is_not_given_to_who_buys_it(self, member, christmas, mom, dad):
        gift = make_gift(christmas, mom, purchaser=dad)
        answer = change(member, gift, recipients=[mom.pk, dad.pk])
        assert answer.status_code == 422
        assert "Dad gets this gift: choose somebody else to buy it." in said(answer)
        assert names(gift) == ["Mom"]

    def test_names_and_notes_are_never_markup(self, member, mom):
        occasion = OccasionFactory(name="<b>Feast</b>")
        gift = make_gift(occasion, mom, title="<i>Scarf</i>", notes="</textarea><i>x</i>")
        raw = member.get(f"/gifts/{gift.pk}/").content.decode()
        assert "<b>Feast" not in raw
        assert "<i>" not in raw


class TestChanging:
    def test_the_page_shows_what_is_stored(self, member, christmas, mom, dad):
        gift = make_gift(
            christmas, mom, dad, price="20", quantity=3, purchaser=PersonFactory(), notes="Row 3"
        )
        page = said(member.get(f"/gifts/{gift.pk}/"))
        assert "Selected · $60.00" in page
        assert f'href="/gifts/{gift.pk}/delete/"' in page
        sent = opened(member, gift).data
        assert sent["title"] == ["A gift"]
        assert set(sent["recipients"]) == {str(mom.pk), str(dad.pk)}
        assert sent["purchaser"] == [str(gift.purchaser_id)]
        assert (sent["status"], sent["price"], sent["quantity"]) == (["selected"], ["20.00"], ["3"])
        assert sent["notes"] == ["Row 3"]

    def test_saving_it_unchanged_changes_nothing(self, member, christmas, mom, dad):
        gift = make_gift(christmas, mom, dad, status="purchased", notes="Two\r\nlines", link="")
        before = Gift.objects.values().get()
        answer = change(member, gift)
        assert answer["Location"] == f"/occasions/{christmas.pk}/"
        assert Gift.objects.values().get() == before
        assert names(gift) == ["Dad", "Mom"]

    def test_prices_are_cleared(self, member, christmas, mom):
        gift = make_gift(christmas, mom, price="50", paid_price=Decimal(40), status="purchased")
        change(member, gift, paid_price="")
        gift.refresh_from_db()
        assert (gift.paid_price, gift.cost) == (None, Decimal(50))
        change(member, gift, price="")
        gift.refresh_from_db()
        assert (gift.price, gift.cost, gift.is_unpriced) == (None, Decimal(0), True)

    def test_it_moves_to_another_occasion(self, member, christmas, mom):
        gift = make_gift(christmas, mom)
        birthday = OccasionFactory(name="Birthday", date=date(2026, 9, 1))
        answer = change(member, gift, occasion=birthday.pk)
        assert answer["Location"] == f"/occasions/{birthday.pk}/"
        gift.refresh_from_db()
        assert gift.occasion == birthday
        assert birthday.links.filter(person=mom).exists()
        assert christmas.links.filter(person=mom).exists()

    def test_it_moves_to_another_person(self, member, christmas, mom, dad):
        gift = make_gift(christmas, mom)
        change(member, gift, recipients=[dad.pk])
        assert names(gift) == ["Dad"]
        assert christmas.links.filter(person=dad).exists()

    def test_it_is_handed_to_another_buyer_and_to_nobody(self, member, christmas, mom, dad):
        gift = make_gift(christmas, mom, purchaser=dad)
        sis = PersonFactory()
        change(member, gift, purchaser=sis.pk)
        gift.refresh_from_db()
        assert gift.purchaser == sis
        change(member, gift, purchaser="")
        gift.refresh_from_db()
        assert gift.purchaser is None

    def test_two_people_who_change_different_fields_do_not_undo_each_other(
        self, member, christmas, mom, dad
    ):
        birthday = OccasionFactory(date=date(2026, 9, 1))
        changes = [
            {"title": "Shawl"},
            {"occasion": birthday.pk},
            {"recipients": [mom.pk, dad.pk]},
            {"purchaser": PersonFactory(name="Sis").pk},
            {"priority": "1"},
            {"status": "purchased"},
            {"price": "60"},
            {"paid_price": "55"},
            {"quantity": "2"},
            {"link": "https://example.com/"},
            {"notes": "Blue"},
        ]
        gift = make_gift(christmas, mom, price="50")
        pages = [opened(member, gift).data for _ in changes]
        for page, values in zip(pages, changes, strict=True):
            assert member.post(f"/gifts/{gift.pk}/", page | values).status_code == 302
        gift.refresh_from_db()
        assert (gift.title, gift.occasion, names(gift)) == ("Shawl", birthday, ["Dad", "Mom"])
        assert (gift.purchaser.name, gift.priority, gift.status) == ("Sis", 1, "purchased")
        assert (gift.price, gift.paid_price, gift.quantity) == (Decimal(60), Decimal(55), 2)
        assert (gift.link, gift.notes) == ("https://example.com/", "Blue")

    def test_what_somebody_else_saved_meanwhile_is_checked_too(self, member, christmas, mom, dad):
        gift = make_gift(christmas, mom)
        page = opened(member, gift).data
        change(member, gift, recipients=[dad.pk])
        answer = member.post(f"/gifts/{gift.pk}/", page | {"purchaser": dad.pk})
        assert answer.status_code == 422
        assert "Dad gets this gift" in said(answer)

    def test_a_form_without_what_it_showed_at_first_saves_what_it_says(
        self, member, christmas, mom, dad
    ):
        gift = make_gift(christmas, mom, price="50", notes="Blue")
        member.post(f"/gifts/{gift.pk}/", typed(christmas, dad, title="Shawl"))
        gift.refresh_from_db()
        assert (gift.title, gift.price, gift.notes, names(gift)) == ("Shawl", None, "", ["Dad"])

    def test_another_address_is_not_found(self, member):
        for path in ("/gifts/999/", "/gifts/999/delete/", f"/gifts/{'9' * 30}/"):
            assert member.get(path).status_code == 404
            assert member.post(path).status_code == 404

    @pytest.mark.parametrize("path", ["/gifts/add/", "/gifts/{}/", "/gifts/{}/delete/"])
    def test_only_reading_and_posting_are_answered(self, member, christmas, mom, path):
        gift = make_gift(christmas, mom)
        assert member.put(path.format(gift.pk)).status_code == 405
        assert member.delete(path.format(gift.pk)).status_code == 405
        assert Gift.objects.exists()


class TestDeleting:
    def test_asks_first_and_says_what_goes(self, member, christmas, mom, dad):
        gift = make_gift(christmas, mom, dad, title="Scarf", price="49.90")
        answer = member.get(f"/gifts/{gift.pk}/delete/")
        page = said(answer)
        assert "Delete “Scarf”?" in page
        assert "for Dad, Mom at Christmas, Dec 25, 2026" in page
        assert "$49.90" in page
        assert Gift.objects.exists()

    def test_deletes_the_gift_alone(self, member, christmas, mom, dad):
        gift, other = make_gift(christmas, mom, dad, title="Scarf"), make_gift(christmas, mom)
        answer = member.post(f"/gifts/{gift.pk}/delete/", follow=True)
        assert answer.redirect_chain == [(f"/occasions/{christmas.pk}/", 302)]
        assert "“Scarf” is deleted." in said(answer)
        assert list(Gift.objects.all()) == [other]
        assert christmas.links.count() == 2


class TestSurprises:
    @pytest.fixture
    def zoe(self, christmas) -> User:
        own = CardFactory(occasion=christmas, person__user=UserFactory(), person__name="Zoe")
        return own.person.user

    @pytest.fixture
    def recipient(self, client, zoe) -> Client:
        client.force_login(zoe)
        return client

    @pytest.mark.parametrize("shared", [False, True])
    def test_ones_own_gift_is_not_there_until_the_day_has_passed(
        self, recipient, christmas, zoe, mom, shared, time_machine
    ):
        people = [zoe.person, mom] if shared else [zoe.person]
        gift = make_gift(christmas, *people, title="Canary")
        for path in (f"/gifts/{gift.pk}/", f"/gifts/{gift.pk}/delete/"):
            nowhere = path.replace(str(gift.pk), "999999")
            for ask in (recipient.get, recipient.post):
                answer, other = ask(path), ask(nowhere)
                assert answer.status_code == other.status_code == 404
                assert "Canary" not in said(answer)
        assert Gift.objects.filter(title="Canary").exists()
        time_machine.move_to("2026-12-26T00:00:00Z")
        recipient.force_login(zoe)
        for path in (f"/gifts/{gift.pk}/", f"/gifts/{gift.pk}/delete/"):
            assert "Canary" in said(recipient.get(path))
        assert change(recipient, gift, notes="Thank you").status_code == 302
        gift.refresh_from_db()
        assert gift.notes == "Thank you"

    def test_the_form_is_the_same_with_and_without_a_surprise(
        self, recipient, christmas, zoe, mom, dad
    ):
        scarf = make_gift(christmas, mom, title="Scarf", purchaser=zoe.person)
        CardFactory(occasion=christmas, person=dad)

        def look() -> list[str]:
            paths = ("/gifts/add/", f"/gifts/add/?person={mom.pk}", f"/gifts/{scarf.pk}/")
            pages = (said(recipient.get(path)) for path in paths)
            return ["\n".join(x for x in page.splitlines() if "csrf" not in x) for page in pages]

        before = look()
        make_gift(christmas, zoe.person, title="Canary", purchaser=dad)
        make_gift(christmas, zoe.person, mom, title="Canary")
        assert look() == before

    def test_nobody_is_offered_to_themselves_at_a_day_to_come(self, recipient, christmas, zoe, mom):
        addresses = (
            "/gifts/add/",
            f"/gifts/add/?occasion={christmas.pk}&person={zoe.person.pk}",
            f"/gifts/{make_gift(christmas, mom).pk}/",
        )
        for address in addresses:
            sent = Sent(recipient.get(address))
            assert sent.offered["recipients"] == [str(mom.pk)]
            assert str(zoe.person.pk) in sent.offered["purchaser"]
        assert "Zoe (you)" in said(recipient.get("/gifts/add/"))

    def test_ones_own_birthday_is_nobodys_by_itself(self, recipient, zoe, mom):
        birthday = OccasionFactory(kind="birthday", celebrates=zoe.person)
        sent = Sent(recipient.get(f"/gifts/add/?occasion={birthday.pk}")).data
        assert "recipients" not in sent

    def test_nobody_plans_a_gift_for_themselves(self, recipient, christmas, zoe, mom):
        for people in ([zoe.person], [mom, zoe.person]):
            answer = add(recipient, christmas, *people)
            assert answer.status_code == 422
            assert answer.context["form"].errors == {"recipients": [NOT_FOR_YOU]}
        assert not Gift.objects.exists()

    def test_nobody_turns_a_gift_to_themselves(self, recipient, christmas, zoe, mom):
        gift = make_gift(christmas, mom)
        answer = change(recipient, gift, recipients=[mom.pk, zoe.person.pk])
        assert answer.status_code == 422
        assert names(gift) == ["Mom"]

    def test_what_one_got_does_not_go_to_a_day_to_come(self, recipient, christmas, zoe, mom):
        past = OccasionFactory(name="Easter", date=date(2026, 4, 5))
        gift = make_gift(past, zoe.person, mom, status="received")
        assert str(zoe.person.pk) in opened(recipient, gift).offered["recipients"]
        answer = change(recipient, gift, occasion=christmas.pk)
        assert answer.status_code == 422
        assert NOT_FOR_YOU in said(answer)
        assert str(zoe.person.pk) in Sent(answer).data["recipients"]
        gift.refresh_from_db()
        assert gift.occasion == past
        assert (
            change(recipient, gift, occasion=christmas.pk, recipients=[mom.pk]).status_code == 302
        )
        gift.refresh_from_db()
        assert (gift.occasion, names(gift)) == (christmas, ["Mom"])

    def test_what_one_got_earlier_is_written_down(self, recipient, zoe, mom):
        past = OccasionFactory(name="Easter", date=date(2026, 4, 5))
        sent = Sent(recipient.get(f"/gifts/add/?occasion={past.pk}&person={zoe.person.pk}"))
        assert sent.data["recipients"] == [str(zoe.person.pk)]
        assert recipient.post("/gifts/add/", sent.data | {"title": "Book"}).status_code == 302
        assert names(Gift.objects.get()) == ["Zoe"]

    def test_a_day_is_over_only_when_it_is_over_at_home_too(self, client, mom, settings):
        settings.TIME_ZONE = "Pacific/Honolulu"
        eastward = UserFactory(timezone="Pacific/Kiritimati")
        own = PersonFactory(user=eastward)
        yesterday_there = OccasionFactory(date=date(2026, 7, 15))
        client.force_login(eastward)
        sent = Sent(client.get(f"/gifts/add/?occasion={yesterday_there.pk}"))
        assert str(own.pk) not in sent.offered["recipients"]
        assert add(client, yesterday_there, own).status_code == 422
