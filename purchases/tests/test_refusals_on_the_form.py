"""What is wrong is refused at its field: everything typed is kept, and nothing is stored."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from budgets.ledger import budget_of, hold
from budgets.models import Budget, Entry
from budgets.tests.factories import make_budget, set_up
from people.models import User
from people.tests.factories import UserFactory
from purchases.models import Attachment, Purchase, Retailer, Tag, Warranty
from purchases.tests.factories import NOW, AttachmentFactory, buy
from purchases.tests.forms import add, error_of, said, sent_by, typed

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

WRONG = [
    ("name", "", "Say what it is."),
    ("name", "   ", "Say what it is."),
    ("name", "x" * 256, "Use at most 255 characters."),
    ("name", "a\0b", "Null characters are not allowed."),
    ("price", "", "Enter what was paid, for example 12.50."),
    ("price", "0", "A price is more than 0."),
    ("price", "-1", "A price is more than 0."),
    ("price", "NaN", "Enter an amount like 12.50."),
    ("price", "Infinity", "Enter an amount like 12.50."),
    ("price", "1e3", "Enter an amount like 12.50."),
    ("price", "1.234,56", "Enter an amount like 12.50."),
    ("price", "10.005", "Use at most 2 decimal places."),
    ("price", "100000000.00", "That is more than 99,999,999.99."),
    ("currency", "", "Enter a currency, like USD."),
    ("currency", "ZZZ", "“ZZZ” is no currency; USD or EUR is."),
    ("currency", "dollars and cents", "“DOLLARS AN” is no currency; USD or EUR is."),
    ("quantity", "", "Enter 1 to 9,999."),
    ("quantity", "0", "Enter 1 to 9,999."),
    ("quantity", "-1", "Enter 1 to 9,999."),
    ("quantity", "1.5", "Enter 1 to 9,999."),
    ("quantity", "10000", "Enter 1 to 9,999."),
    ("purchased_on", "", "Choose the day it was bought."),
    ("purchased_on", "soon", "Choose a day."),
    ("purchased_on", "2026-07-16", "This day is still to come."),
    ("purchased_on", "1969-12-31", "Enter a day from 1970 on."),
    ("status", "lost", "Select a valid choice. lost is not one of the available choices."),
    ("retailer", "x" * 121, "Use at most 120 characters."),
    ("brand", "x" * 121, "Use at most 120 characters."),
    ("tags", f"a, {'x' * 121}", "Use at most 120 characters."),
    ("order_number", "x" * 101, "Use at most 100 characters."),
    ("model_number", "x" * 101, "Use at most 100 characters."),
    ("serial_number", "x" * 101, "Use at most 100 characters."),
    (
        "link",
        "javascript:alert(1)",
        "Enter an address that begins with https:// or http://.",
    ),
    (
        "link",
        "ftp://example.com/kettle",
        "Enter an address that begins with https:// or http://.",
    ),
    ("return_by", "2026-07-14", "It cannot be returned before it was bought."),
    ("return_by", "never", "Choose a day."),
    ("return_policy", "x" * 501, "Use at most 500 characters."),
    ("notes", "x" * 2001, "Use at most 2,000 characters."),
]
WRONG_RATES = [
    ("", "Say what one EUR is in USD."),
    *(
        (rate, "Enter a rate above zero like 1.0842, with at most 10 decimal places.")
        for rate in ("0", "-1", "abc", "NaN", "1,08", "1_0842", "1e3", "0.00000000001")
    ),
]
WRONG_WARRANTIES = [
    ("ends_on", "2026-07-14", "The last day cannot be before the first."),
    ("ends_on", "never", "Choose a day."),
    ("provider", "x" * 201, "Use at most 200 characters."),
    ("notes", "x" * 2001, "Use at most 2,000 characters."),
]


@pytest.fixture
def ann() -> User:
    return make_budget(limit=Decimal(100)).user


@pytest.fixture
def member(client: Client, ann: User) -> Client:
    client.force_login(ann)
    return client


def nothing_is_stored() -> bool:
    return not any(model.objects.exists() for model in (Purchase, Entry, Retailer, Tag, Warranty))


@pytest.mark.parametrize(("field", "text", "reason"), WRONG)
def test_it_is_refused_at_its_field_with_everything_kept(member, field, text, reason):
    kept = {"retailer": "Corner shop", "tags": "a, b", "notes": "Red", "shared": "shared"}
    values = typed(**kept | {field: text})
    answer = member.post("/purchases/add/", values)
    assert answer.status_code == 422
    assert error_of(answer, field) == reason
    assert said(answer).count('class="field-error"') == 1
    sent = sent_by(answer)
    wanted = {name: [value] for name, value in values.items()}
    if field == "status":
        wanted["status"] = []  # what is no choice cannot be shown as chosen
    assert {name: sent.get(name, []) for name in values} == wanted
    assert nothing_is_stored()


@pytest.mark.parametrize(("field", "text", "reason"), WRONG)
def test_it_is_refused_when_a_purchase_is_changed_too(member, ann, field, text, reason):
    kettle = buy(ann)
    before = Purchase.objects.values().get()
    sent = sent_by(member.get(f"/purchases/{kettle.pk}/edit/"))
    answer = member.post(f"/purchases/{kettle.pk}/edit/", sent | {field: text})
    assert answer.status_code == 422
    assert error_of(answer, field) == reason
    assert Purchase.objects.values().get() == before


@pytest.mark.parametrize(("rate", "reason"), WRONG_RATES)
def test_another_currency_needs_a_rate(member, rate, reason):
    answer = add(member, currency="EUR", exchange_rate=rate)
    assert answer.status_code == 422
    assert error_of(answer, "exchange_rate") == reason
    assert sent_by(answer)["exchange_rate"] == [rate]
    assert nothing_is_stored()


def test_a_rate_that_makes_too_much_of_it_is_refused_there(member):
    answer = add(member, price="99999999", currency="EUR", exchange_rate="2")
    assert answer.status_code == 422
    assert error_of(answer, "exchange_rate") == "That is more than 99,999,999.99 USD."
    assert nothing_is_stored()


def test_yen_have_no_decimals(member):
    answer = add(member, price="10.50", currency="jpy", exchange_rate="0.0068")
    assert error_of(answer, "price") == "Use a whole number: no decimal places."
    assert nothing_is_stored()


@pytest.mark.parametrize(("field", "text", "reason"), WRONG_WARRANTIES)
def test_a_wrong_warranty_stops_the_purchase(member, field, text, reason):
    answer = add(member, **{"warranty-kind": "extended", f"warranty-{field}": text})
    assert answer.status_code == 422
    assert error_of(answer, f"warranty-{field}").startswith(reason)
    assert 'id="part-warranty" open' in said(answer)
    assert sent_by(answer)[f"warranty-{field}"] == [text]
    assert nothing_is_stored()


def test_the_part_with_what_is_wrong_is_open(member):
    answer = add(member, link="javascript:alert(1)")
    assert 'id="part-about" open' in said(answer)
    assert 'id="part-order" open' not in said(answer)
    assert 'aria-invalid="true"' in said(answer)


def test_a_file_that_is_not_taken_stops_the_purchase_and_the_others_wait(member):
    good = SimpleUploadedFile("good.txt", b"paid")
    empty = SimpleUploadedFile("empty.txt", b"")
    answer = add(member, uploads=[good, empty])
    assert answer.status_code == 422
    assert error_of(answer, "uploads") == "“empty.txt”: This file is empty."
    assert sent_by(answer)["files"] == [str(Attachment.objects.get().pk)]
    assert nothing_is_stored()


class TestOverTheBudget:
    def test_the_refusal_explains_itself(self, member, ann):
        UserFactory(administrator=True, first_name="Maya", email="maya@example.com")
        buy(ann, "80.00")
        hold(budget=budget_of(ann, now=NOW), amount=Decimal(5), now=NOW)
        answer = add(member, name="Ladder", price="30.00")
        assert answer.status_code == 422
        for words in ("$30.00", "$15.00", "$100.00", "$80.00", "$5.00", "until July 31"):
            assert words in said(answer), words
        assert '<a href="mailto:maya@example.com">Maya</a>' in said(answer)
        assert not Purchase.objects.filter(name="Ladder").exists()

    def test_everything_typed_and_the_files_are_still_there(self, member, ann):
        paper = AttachmentFactory(purchase=None, uploaded_by=ann, name="bill.png")
        values = typed(
            price="100.01",
            retailer="Corner shop",
            tags="a, b",
            notes="Red",
            files=[str(paper.pk)],
            **{"warranty-kind": "extended", "warranty-ends_on": "2027-07-14"},
        )
        answer = member.post("/purchases/add/", values)
        sent = sent_by(answer)
        assert answer.status_code == 422
        wanted = {
            name: value if isinstance(value, list) else [value] for name, value in values.items()
        }
        assert {name: sent.get(name) for name in values} == wanted
        assert "bill.png" in said(answer)
        assert nothing_is_stored()
        assert Attachment.objects.get().purchase is None

    def test_with_a_lower_price_the_same_form_is_saved(self, member, ann):
        paper = AttachmentFactory(purchase=None, uploaded_by=ann)
        sent = sent_by(add(member, price="100.01", files=[paper.pk]))
        assert member.post("/purchases/add/", sent | {"price": "100.00"}).status_code == 302
        assert list(Purchase.objects.get().attachments.all()) == [paper]

    def test_a_hidden_budget_tells_no_figures(self, member, ann):
        Budget.objects.filter(user=ann).update(visible_to_user=False)
        answer = add(member, price="100.01")
        assert answer.status_code == 422
        assert "This does not fit into your budget" in said(answer)
        assert "$100.00" not in said(answer)

    def test_an_administrator_may_record_it(self, client):
        root = UserFactory(administrator=True)
        set_up(root.budget, limit=Decimal(10), enforced=True)
        client.force_login(root)
        assert add(client, price="100.00").status_code == 302
        assert Purchase.objects.get().price == 100

    def test_what_a_budget_does_not_enforce_is_recorded(self, client):
        client.force_login(make_budget(limit=Decimal(10), enforced=False).user)
        assert add(client, price="100.00").status_code == 302

    def test_a_corrected_price_is_a_fact(self, member, ann):
        kettle = buy(ann, "80.00")
        sent = sent_by(member.get(f"/purchases/{kettle.pk}/edit/"))
        answer = member.post(f"/purchases/{kettle.pk}/edit/", sent | {"price": "120.00"})
        assert answer.status_code == 302

    def test_what_was_returned_counts_again_only_where_it_fits(self, member, ann):
        kettle = buy(ann, "80.00", status="returned")
        buy(ann, "50.00")
        sent = sent_by(member.get(f"/purchases/{kettle.pk}/edit/"))
        answer = member.post(f"/purchases/{kettle.pk}/edit/", sent | {"status": "received"})
        assert answer.status_code == 422
        assert "This does not fit into your budget" in said(answer)
        kettle.refresh_from_db()
        assert kettle.status == "returned"
