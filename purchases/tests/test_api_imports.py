"""The way of a file for programs: sent, chosen, read, looked at, recorded, taken back."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from budgets.models import Entry
from budgets.tests.factories import make_budget
from people.models import Scope, User
from people.tests.factories import UserFactory
from people.tests.programs import Program, program
from purchases.api import import_choices, import_shown, imports
from purchases.forms import imports as forms
from purchases.importing.batches import applying, reading
from purchases.importing.choices import Days, Decimals, Sign
from purchases.importing.encodings import ENCODINGS
from purchases.importing.formats import FORMATS
from purchases.importing.sources import Shape
from purchases.importing.table import DELIMITERS
from purchases.models import ImportBatch, ImportPreset, ImportRow, Purchase
from purchases.tests import statements
from purchases.tests.factories import NOW, PurchaseFactory
from purchases.tests.imports import applied, undone
from purchases.tests.statements import USAGE, statement
from purchases.tests.test_amazon_items import report

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

ROWS = (
    "05.02.2026;Bäckerei Müller;Karte 1;-3,45",
    "06.02.2026;Café Löwe;Karte 2;-1.234,56",
    "07.02.2026;Gehalt;Lohn;2.000,00",
    "08.02.2026;Kiosk;Karte 3;kaputt",
)
#: How the statement above is read.
CHOSEN: dict[str, Any] = {
    "format": "bank",
    "columns": {
        "day": "Buchungstag",
        "name": "Empfänger",
        "amount": "Betrag",
        "notes": "Verwendungszweck",
    },
    "days": "dmy",
    "decimals": "comma",
    "sign": "negative",
    "currency": "USD",
}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def ann() -> User:
    return UserFactory(username="ann")


@pytest.fixture
def asking(ann) -> Program:
    return program(ann)


def sent(asking: Program, content: bytes | None, name: str = "umsatz.csv", **fields: str) -> Any:
    """Send a file, as multipart."""
    data: dict[str, Any] = dict(fields)
    if content is not None:
        data["file"] = SimpleUploadedFile(name, content)
    return asking.client.post(
        "/api/v1/import", data, headers={"Authorization": f"Bearer {asking.secret}"}
    )


def begun(asking: Program, *rows: str, **fields: str) -> dict[str, Any]:
    answer = sent(asking, statement(*(rows or ROWS)), **fields)
    assert answer.status_code == 201, answer.content
    return answer.json()


def read(asking: Program, *rows: str, **choices: Any) -> dict[str, Any]:
    """Return an import that was read at once."""
    shown = begun(asking, *rows, choices=json.dumps(CHOSEN | choices))
    assert shown["state"] == "ready"
    return shown


def recorded(asking: Program, *rows: str) -> dict[str, Any]:
    answer = asking.post(f"import/{read(asking, *rows)['id']}/apply")
    assert answer.json()["state"] == "done"
    return answer.json()


def wrong(answer: Any) -> dict[str, str]:
    """Return what is said to be wrong, by field."""
    assert answer.status_code == 422, answer.content
    return {one["field"]: one["message"] for one in answer.json()["errors"]}


def amounts() -> list[Decimal]:
    return sorted(Purchase.objects.live().values_list("price", flat=True))


class TestSendingAFile:
    def test_what_was_found_is_told_before_anything_is_chosen(self, asking, ann):
        shown = begun(asking)
        batch = ImportBatch.objects.get()
        assert (batch.owner, batch.by) == (ann, ann)
        assert shown["id"] == batch.pk
        assert (shown["state"], shown["name"]) == ("asking", "umsatz.csv")
        assert (shown["format"], shown["asks"]) == (None, ["format"])
        assert shown["found"] == {
            "shape": "table",
            "encoding": "cp1252",
            "delimiter": ";",
            "header_line": 1,
            "columns": ["Buchungstag", "Empfänger", "Verwendungszweck", "Betrag"],
            "recognised": None,
            "formats": [one.key for one in FORMATS if Shape.TABLE in one.shapes],
            "suggested_columns": {
                "day": "Buchungstag",
                "name": "Empfänger",
                "amount": "Betrag",
                "notes": "Verwendungszweck",
            },
        }

    def test_what_is_recognised_says_what_it_asks(self, asking):
        content = report({}).replace(",Currency", "").replace(",USD", "").encode()
        shown = sent(asking, content, "items.csv").json()
        assert (shown["format"], shown["found"]["recognised"]) == ("amazon-items", "amazon-items")
        assert shown["found"]["suggested_columns"] == {}
        assert shown["asks"] == ["currency"]
        answer = asking.put(f"import/{shown['id']}/choices", {"currency": "usd"})
        assert answer.json()["state"] == "ready"

    def test_a_file_is_read_at_once_when_the_choices_come_along(self, asking):
        shown = read(asking)
        assert shown["tally"]["fates"] == {
            "new": 2,
            "same": 0,
            "changed": 0,
            "double": 0,
            "left_out": 1,
            "error": 1,
        }
        assert {"of": "new", "currency": "USD", "amount": "1238.01"} in shown["tally"]["sums"]
        assert shown["choices"]["columns"] == CHOSEN["columns"]
        assert not Purchase.objects.exists()

    def test_a_file_that_says_everything_needs_no_choices(self, asking):
        answer = sent(asking, USAGE.encode(), "usage.csv", choices="{}")
        assert (answer.json()["format"], answer.json()["state"]) == ("usage-table", "ready")

    def test_nothing_is_kept_when_the_choices_are_refused(self, asking, folder):
        answer = sent(asking, statement(*ROWS), choices=json.dumps(CHOSEN | {"days": None}))
        assert wrong(answer) == {"choices.days": "Choose one: the file does not say."}
        assert not ImportBatch.objects.exists()

    @pytest.mark.parametrize(
        ("content", "name", "words"),
        [
            (b"", "a.csv", "The file is empty."),
            (b"%PDF-1.7 and so on", "a.csv", "The file is a PDF document."),
            (b"PK\x03\x04 and nothing", "a.zip", "The archive is damaged"),
            (b"{", "a.json", "The file breaks off, before its end."),
        ],
    )
    def test_what_nobody_can_read_is_refused_with_the_reason(self, asking, content, name, words):
        told = wrong(sent(asking, content, name))
        assert told["file"].startswith(words)
        assert not ImportBatch.objects.exists()

    def test_no_file_at_all(self, asking):
        assert wrong(sent(asking, None, choices="{}")).keys() == {"file"}

    def test_choices_that_are_no_choices(self, asking):
        for text, field in (("x", "choices"), ('{"colour": 1}', "choices.colour")):
            assert wrong(sent(asking, statement(*ROWS), choices=text)).keys() == {field}
        too_long = json.dumps({"format": "x" * 100_000})
        told = wrong(sent(asking, statement(*ROWS), choices=too_long))
        assert told == {"choices": "Send at most 100,000 characters."}

    def test_a_file_that_is_too_large(self, asking, monkeypatch):
        monkeypatch.setattr(forms, "MOST_BYTES", 10)
        assert "larger than 100 MB" in wrong(sent(asking, statement(*ROWS)))["file"]
        assert not ImportBatch.objects.exists()

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("application/json", b'{"file": "a.csv"}'),
            ("application/json", b""),
            ("text/csv", b"a,b"),
            ("multipart/form-data", b"no boundary"),
            ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ],
    )
    def test_what_is_no_form_is_refused_without_a_trace(self, asking, kind, body):
        answer = asking.client.post(
            "/api/v1/import",
            body,
            content_type=kind,
            headers={"Authorization": f"Bearer {asking.secret}"},
        )
        assert answer.status_code in {400, 422}
        assert answer["Content-Type"] == "application/problem+json"

    def test_what_rested_for_a_day_is_forgotten(self, asking, time_machine):
        begun(asking)
        time_machine.shift(90_000)
        begun(asking)
        assert ImportBatch.objects.count() == 1


class TestChoices:
    def test_what_a_file_needs_is_asked_for_field_by_field(self, asking):
        key = begun(asking)["id"]
        answer = asking.put(f"import/{key}/choices", {"format": "bank"})
        assert wrong(answer).keys() == {
            "columns.day",
            "columns.name",
            "days",
            "decimals",
            "sign",
            "currency",
        }
        assert ImportBatch.objects.get().state == "asking"

    def test_without_an_amount_the_columns_are_not_all_there(self, asking):
        key = begun(asking)["id"]
        columns = {"day": "Buchungstag", "name": "Empfänger"}
        answer = asking.put(f"import/{key}/choices", CHOSEN | {"columns": columns})
        assert wrong(answer).keys() == {"columns"}

    def test_the_format_has_to_be_said_where_none_is_recognised(self, asking):
        key = begun(asking)["id"]
        answer = asking.put(f"import/{key}/choices", {})
        assert wrong(answer) == {"format": "Choose what kind of file this is."}

    @pytest.mark.parametrize(
        ("choices", "field"),
        [
            ({"format": "litellms"}, "format"),
            ({"format": "opentelemetry"}, "format"),
            ({"mode": "replace"}, "mode"),
            ({"columns": {"day": "Nowhere"}}, "columns.day"),
            ({"columns": {"colour": "Betrag"}}, "columns.colour"),
            ({"days": "mdY"}, "days"),
            ({"currency": "ZZZ"}, "currency"),
            ({"currency": "\0"}, "currency"),
            ({"rates": {"USD": "1"}}, "rates.USD"),
            ({"rates": {"ZZZ": "1"}}, "rates.ZZZ"),
            ({"rates": {"EUR": "-1"}}, "rates.EUR"),
            ({"rates": {"EUR": "NaN"}}, "rates.EUR"),
            ({"rates": {"EUR": 1.1}}, "rates.EUR"),
            ({"rates": {}, "currency": "EUR"}, "rates.EUR"),
            ({"provider": "openai"}, "provider"),
            ({"header_line": 0}, "header_line"),
            ({"header_line": 900}, "header_line"),
            ({"header_line": 10**30}, "header_line"),
            ({"encoding": "klingon"}, "encoding"),
            ({"delimiter": ":"}, "delimiter"),
            ({"colour": "red"}, "colour"),
            ({"columns": []}, "columns"),
        ],
    )
    def test_what_cannot_be_meant_is_refused_at_its_name(self, asking, choices, field):
        key = begun(asking)["id"]
        answer = asking.put(f"import/{key}/choices", CHOSEN | choices)
        assert field in wrong(answer)
        assert ImportBatch.objects.get().state == "asking"

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b"null", b"{", b'{"currency": "\\ud800"}', b'{"days": {}}', b"\xff"]
    )
    def test_what_is_no_object_is_refused(self, asking, body):
        key = begun(asking)["id"]
        assert asking.put(f"import/{key}/choices", body).status_code in {400, 422}
        assert sent(asking, statement(*ROWS), choices=body.decode("latin-1")).status_code == 422

    def test_a_currency_in_the_rows_asks_for_its_rate(self, asking):
        content = b"Date,What,Sum,Code\n2026-02-05,Cake,3.45,EUR\n"
        columns = {"day": "Date", "name": "What", "amount": "Sum", "currency": "Code"}
        chosen = {
            "format": "bank",
            "columns": columns,
            "decimals": "point",
            "sign": "positive",
            "days": "ymd",
        }
        answer = sent(asking, content, choices=json.dumps(chosen))
        assert wrong(answer) == {"choices.rates.EUR": "Enter what 1 EUR is worth in USD."}
        chosen["rates"] = {"EUR": "1.25"}
        shown = sent(asking, content, choices=json.dumps(chosen)).json()
        assert shown["choices"]["rates"] == {"EUR": "1.25"}
        asking.post(f"import/{shown['id']}/apply")
        assert Purchase.objects.get().amount == Decimal("4.31")

    def test_it_may_be_chosen_anew_until_something_is_recorded(self, asking):
        key = read(asking, days="dmy")["id"]
        again = asking.put(f"import/{key}/choices", CHOSEN | {"days": "mdy"})
        assert again.json()["choices"]["days"] == "mdy"
        asking.post(f"import/{key}/apply")
        answer = asking.put(f"import/{key}/choices", CHOSEN)
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:pursestrings:import-state"

    def test_a_file_that_is_lost_is_told(self, asking, folder):
        key = begun(asking)["id"]
        for path in folder.rglob("*"):
            if path.is_file():
                path.unlink()
        shown = asking.get(f"import/{key}").json()
        assert (shown["found"], shown["asks"]) == (None, [])
        assert "not there any more" in shown["problem"]
        answer = asking.put(f"import/{key}/choices", CHOSEN | {"header_line": 1})
        assert answer.status_code == 409

    def test_in_strict_mode_one_bad_row_stops_the_file(self, asking):
        shown = begun(asking, choices=json.dumps(CHOSEN | {"mode": "strict"}))
        assert shown["state"] == "failed"
        assert shown["problem"].startswith("Line 5:")


class TestRows:
    def test_every_row_says_what_it_is(self, asking):
        key = read(asking)["id"]
        page = asking.get(f"import/{key}/rows").json()
        assert page["total"] == 4
        first, _, third, last = page["items"]
        assert first == {
            "number": 1,
            "line": 2,
            "fate": "new",
            "outcome": "waiting",
            "reason": "",
            "oddities": [],
            "said": {
                "kind": "purchase",
                "name": "Bäckerei Müller",
                "amount": "3.45",
                "currency": "USD",
                "day": "2026-02-05",
                "quantity": 1,
                "retailer": "",
                "brand": "",
                "tags": [],
                "warranties": 0,
                "files": 0,
                "occurred_at": None,
                "provider": "",
                "operation": "",
                "tokens": None,
            },
            "purchase": None,
        }
        assert third["fate"] == "left_out"
        assert (last["fate"], last["said"]) == ("error", None)
        assert last["reason"]

    def test_usage_says_what_it_used(self, asking):
        key = sent(asking, USAGE.encode(), "usage.csv", choices="{}").json()["id"]
        said = asking.get(f"import/{key}/rows").json()["items"][0]["said"]
        assert (said["kind"], said["name"], said["provider"]) == ("usage", "gpt-5", "openai")
        assert (said["amount"], said["tokens"]) == ("0.0125", 1200)
        assert said["occurred_at"] == "2026-07-01T10:00:00Z"
        asking.post(f"import/{key}/apply")
        assert sorted(Entry.objects.values_list("amount", flat=True)) == [
            Decimal("0.0125"),
            Decimal("0.5"),
        ]

    def test_they_are_found_by_fate_and_by_outcome(self, asking):
        key = recorded(asking)["id"]
        for asked, lines in (
            ({"fate": "new"}, [2, 3]),
            ({"fate": "error"}, [5]),
            ({"outcome": "added"}, [2, 3]),
            ({"outcome": "waiting"}, []),
            ({"fate": "left_out", "outcome": "skipped"}, [4]),
        ):
            page = asking.get(f"import/{key}/rows", asked).json()
            assert [row["line"] for row in page["items"]] == lines
            assert page["total"] == len(lines)

    def test_they_come_in_pages(self, asking):
        key = read(asking)["id"]
        page = asking.get(f"import/{key}/rows", {"skip": 1, "limit": 2}).json()
        assert ([row["number"] for row in page["items"]], page["total"]) == ([2, 3], 4)

    @pytest.mark.parametrize(
        "asked", [{"fate": "gone"}, {"outcome": ""}, {"limit": 0}, {"limit": 101}, {"skip": -1}]
    )
    def test_what_cannot_be_asked_is_refused(self, asking, asked):
        key = read(asking)["id"]
        assert wrong(asking.get(f"import/{key}/rows", asked)).keys() == {
            f"query.{name}" for name in asked
        }

    def test_a_row_leads_to_its_purchase_while_that_is_there(self, asking):
        key = recorded(asking)["id"]
        row = asking.get(f"import/{key}/rows", {"fate": "new"}).json()["items"][0]
        purchase = Purchase.objects.get(price=Decimal("3.45"))
        assert row["purchase"] == purchase.pk
        asking.post(f"import/{key}/undo")
        row = asking.get(f"import/{key}/rows", {"fate": "new"}).json()["items"][0]
        assert (row["outcome"], row["purchase"]) == ("undone", None)

    def test_more_rows_take_no_more_queries(self, ann, asking):
        def queries(count: int) -> int:
            batch = statements.recorded(ann, statement(count=count))
            with CaptureQueriesContext(connection) as found:
                page = asking.get(f"import/{batch.pk}/rows").json()
            assert len(page["items"]) == count
            return len(found)

        queries(2)
        assert queries(3) == queries(12)


class TestRecording:
    def test_what_is_new_becomes_purchases_and_goes_again(self, asking):
        shown = recorded(asking)
        assert shown["tally"]["outcomes"] == {
            "waiting": 0,
            "added": 2,
            "updated": 0,
            "skipped": 1,
            "refused": 1,
            "undone": 0,
            "kept": 0,
        }
        assert shown["tally"]["recorded"][0]["amount"] == "1238.01"
        assert shown["found"] is None
        assert amounts() == [Decimal("3.45"), Decimal("1234.56")]
        shown = asking.post(f"import/{shown['id']}/undo").json()
        assert (shown["state"], shown["tally"]["outcomes"]["undone"]) == ("undone", 2)
        assert amounts() == []

    def test_facts_are_never_refused_by_a_limit(self):
        budget = make_budget(limit=Decimal(0), enforced=True)
        recorded(program(budget.user))
        assert amounts() == [Decimal("3.45"), Decimal("1234.56")]

    def test_suspected_doubles_are_recorded_only_when_that_is_asked(self, asking, ann):
        about = {"name": "Bäckerei Müller", "price": Decimal("3.45")}
        PurchaseFactory(owner=ann, purchased_on="2026-02-05", **about)
        shown = read(asking)
        assert shown["tally"]["fates"]["double"] == 1
        asking.post(f"import/{shown['id']}/apply", {"doubles": True})
        assert Purchase.objects.filter(**about).count() == 2

    def test_what_was_looked_at_is_what_is_recorded(self, asking, time_machine):
        shown = read(asking)
        path = f"import/{shown['id']}"
        time_machine.shift(1)
        anew = asking.put(f"{path}/choices", CHOSEN | {"days": "mdy"}).json()
        answer = asking.post(f"{path}/apply", {"seen_at": shown["changed_at"]})
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:pursestrings:import-reread"
        assert amounts() == []
        answer = asking.post(f"{path}/apply", {"seen_at": anew["changed_at"]})
        assert answer.json()["state"] == "done"

    def test_a_part_of_it_is_done_by_each_request(self, asking, ann, monkeypatch):
        for module in (reading, applying):
            monkeypatch.setattr(module, "PART", 2)
        monkeypatch.setattr(imports, "SECONDS", 0)
        chosen = json.dumps(CHOSEN)
        answer = sent(asking, statement(count=6), choices=chosen)
        shown = answer.json()
        assert (shown["state"], shown["position"]) == ("reading", 2)
        path = f"import/{shown['id']}"
        for _ in range(9):
            shown = asking.post(f"{path}/work").json()
        assert shown["state"] == "ready"
        shown = asking.post(f"{path}/apply").json()
        assert (shown["state"], shown["tally"]["outcomes"]["added"]) == ("applying", 2)
        # Whoever began it is gone: another request goes on where it stopped.
        shown = asking.post(f"{path}/apply").json()
        assert shown["tally"]["outcomes"]["added"] == 4
        shown = asking.post(f"{path}/work").json()
        assert (shown["state"], Purchase.objects.count()) == ("done", 6)
        shown = asking.post(f"{path}/undo").json()
        while shown["state"] == "undoing":
            shown = asking.post(f"{path}/undo").json()
        assert shown["state"] == "undone"
        assert asking.post(f"{path}/work").json() == shown

    @pytest.mark.parametrize("step", ["apply", "undo"])
    def test_a_step_out_of_turn_is_a_conflict(self, asking, step):
        key = begun(asking)["id"]
        answer = asking.post(f"import/{key}/{step}")
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:pursestrings:import-state"

    def test_what_is_recorded_is_not_recorded_again(self, asking):
        key = recorded(asking)["id"]
        assert asking.post(f"import/{key}/apply").status_code == 409
        assert len(amounts()) == 2

    @pytest.mark.parametrize(
        "body",
        [
            {"double": True},
            {"doubles": "yes"},
            {"seen_at": 1_782_900_000},
            {"seen_at": "2026-07-01T10:00:00"},
            {"seen_at": "then"},
            b"[]",
        ],
    )
    def test_what_cannot_be_meant_records_nothing(self, asking, body):
        key = read(asking)["id"]
        assert asking.post(f"import/{key}/apply", body).status_code == 422
        assert amounts() == []


class TestDiscarding:
    def test_what_recorded_nothing_is_forgotten(self, asking):
        key = read(asking)["id"]
        assert asking.delete(f"import/{key}").status_code == 204
        assert not ImportBatch.objects.exists()
        assert asking.get(f"import/{key}").status_code == 404

    def test_what_recorded_something_stays_as_a_record_of_it(self, asking):
        key = recorded(asking)["id"]
        assert asking.delete(f"import/{key}").status_code == 409
        assert asking.get(f"import/{key}").json()["state"] == "done"


class TestLists:
    def test_ones_own_imports_the_latest_first(self, asking, time_machine):
        first = begun(asking)["id"]
        time_machine.shift(1)
        second = begun(asking)["id"]
        statements.begun(UserFactory(), statement(*ROWS))
        page = asking.get("import").json()
        assert ([one["id"] for one in page["items"]], page["total"]) == ([second, first], 2)
        assert "tally" not in page["items"][0]

    def test_more_imports_take_no_more_queries(self, ann, asking):
        def queries(count: int) -> int:
            for _ in range(count):
                statements.begun(ann, statement(*ROWS))
            with CaptureQueriesContext(connection) as found:
                assert asking.get("import").status_code == 200
            return len(found)

        queries(1)
        assert queries(2) == queries(9)

    def test_the_formats_say_what_they_ask(self, asking):
        items = asking.get("import/formats").json()["items"]
        assert [one["key"] for one in items] == [one.key for one in FORMATS]
        bank = next(one for one in items if one["key"] == "bank")
        assert bank["may_ask"] == ["columns", "days", "decimals", "sign", "currency"]
        assert {"name": "day", "label": "Day", "needed": True} in bank["columns"]
        assert next(one for one in items if one["key"] == "litellm")["columns"] == []


class TestPresets:
    def kept(self, asking: Program, **sent: Any) -> dict[str, Any]:
        key = read(asking, rates={"EUR": "1.25"})["id"]
        answer = asking.post(f"import/{key}/preset", {"name": "My bank"} | sent)
        assert answer.status_code == 201, answer.content
        return answer.json()

    def test_choices_are_kept_under_a_name_without_the_rates(self, asking):
        preset = self.kept(asking)
        assert (preset["name"], preset["format"]) == ("My bank", "bank")
        assert preset["choices"]["columns"] == CHOSEN["columns"]
        assert preset["choices"]["rates"] == {}
        assert asking.get("import/presets").json()["items"] == [preset]

    def test_one_of_the_same_name_is_replaced(self, asking):
        assert self.kept(asking)["id"] == self.kept(asking, name=" My bank ")["id"]

    def test_what_is_not_sent_is_as_the_preset_says(self, asking):
        preset = self.kept(asking)["id"]
        shown = begun(asking, choices=json.dumps({"preset": preset}))
        assert (shown["state"], shown["tally"]["rows"]) == ("ready", 4)
        again = {"preset": preset, "days": "mdy"}
        shown = asking.put(f"import/{shown['id']}/choices", again).json()
        assert (shown["choices"]["days"], shown["choices"]["decimals"]) == ("mdy", "comma")

    def test_a_preset_that_does_not_fit_is_told(self, asking):
        preset = self.kept(asking)["id"]
        answer = sent(asking, b"a;b\n1;2\n", choices=json.dumps({"preset": preset}))
        assert "choices.columns.day" in wrong(answer)

    def test_it_is_deleted(self, asking):
        preset = self.kept(asking)["id"]
        assert asking.delete(f"import/presets/{preset}").status_code == 204
        assert asking.delete(f"import/presets/{preset}").status_code == 404
        assert asking.get("import/presets").json()["total"] == 0

    @pytest.mark.parametrize("name", ["", "  ", "x" * 81, "\0", None, 7])
    def test_a_name_that_is_none(self, asking, name):
        key = read(asking)["id"]
        assert wrong(asking.post(f"import/{key}/preset", {"name": name})).keys() == {"name"}

    def test_where_nothing_is_chosen_there_is_nothing_to_keep(self, asking):
        key = begun(asking)["id"]
        assert asking.post(f"import/{key}/preset", {"name": "My bank"}).status_code == 409

    def test_somebody_elses_preset_is_not_there(self, asking):
        preset = self.kept(program(UserFactory()))["id"]
        answers = [
            sent(asking, statement(*ROWS), choices=json.dumps({"preset": key}))
            for key in (preset, preset + 99)
        ]
        assert wrong(answers[0]) == wrong(answers[1])
        assert wrong(answers[0]) == {"choices.preset": "You have no such preset."}
        assert asking.delete(f"import/presets/{preset}").status_code == 404
        assert asking.get("import/presets").json()["items"] == []


class TestRights:
    def test_somebody_elses_import_is_not_there(self, ann):
        batch = statements.recorded(UserFactory(), statement(*ROWS))
        asking = program(ann)
        for key in (batch.pk, batch.pk + 99):
            answers = [
                asking.get(f"import/{key}"),
                asking.get(f"import/{key}/rows"),
                asking.put(f"import/{key}/choices", CHOSEN),
                *(asking.post(f"import/{key}/{step}") for step in ("work", "apply", "undo")),
                asking.post(f"import/{key}/preset", {"name": "My bank"}),
                asking.delete(f"import/{key}"),
            ]
            assert {one.status_code for one in answers} == {404}
        assert ImportBatch.objects.get().state == "done"

    def test_whoever_began_it_for_somebody_else_does_not_see_it(self, ann):
        batch = statements.begun(UserFactory(), statement(*ROWS))
        ImportBatch.objects.update(by=ann)
        assert program(ann).get(f"import/{batch.pk}").status_code == 404

    def test_a_program_that_reads_changes_nothing(self, ann):
        batch = statements.read(ann, statement(*ROWS))
        preset = ImportPreset.objects.create(owner=ann, name="My bank", choices={})
        asking = program(ann, Scope.READ, Scope.SPEND)
        answers = [
            sent(asking, statement(*ROWS)),
            asking.put(f"import/{batch.pk}/choices", CHOSEN),
            *(asking.post(f"import/{batch.pk}/{step}") for step in ("work", "apply", "undo")),
            asking.delete(f"import/{batch.pk}"),
            asking.post(f"import/{batch.pk}/preset", {"name": "My shop"}),
            asking.delete(f"import/presets/{preset.pk}"),
        ]
        assert {one.status_code for one in answers} == {403}
        assert ImportPreset.objects.get() == preset
        assert ImportBatch.objects.get().state == "ready"
        assert amounts() == []


class TestEveryStateIsKnown:
    @pytest.mark.parametrize(
        ("names", "known"),
        [
            (import_shown.StateName, ImportBatch.State.values),
            (import_shown.Fate, ImportRow.Fate.values),
            (import_shown.Shape, [one.value for one in Shape]),
            (import_choices.Mode, ImportBatch.Mode.values),
            (import_choices.Encoding, list(ENCODINGS)),
        ],
    )
    def test_what_is_told_is_what_there_is(self, names, known):
        assert list(get_args(names)) == list(known)

    def test_an_outcome_is_never_empty(self):
        known = [name or "waiting" for name in ImportRow.Outcome.values]
        assert list(get_args(import_shown.Outcome)) == known

    @pytest.mark.parametrize(
        ("field", "known"),
        [("delimiter", DELIMITERS), ("decimals", Decimals), ("days", Days), ("sign", Sign)],
    )
    def test_what_is_sent_is_what_there_is(self, field, known):
        annotation = import_choices.ImportChoicesSent.model_fields[field].annotation
        assert set(get_args(get_args(annotation)[0])) == set(known)

    def test_every_choice_can_be_told(self):
        told = import_shown.ImportChoicesShown.model_fields
        assert set(told) == set(import_choices.Choices.__dataclass_fields__)


def test_an_import_that_is_undone_on_the_page_is_told(asking, ann):
    batch = undone(applied(ann, [{"Order ID": "1"}], currency="USD"))
    assert asking.get(f"import/{batch.pk}").json()["state"] == "undone"
