"""The way of a file through the pages: sent, chosen, read, looked at, recorded, taken back."""

import re
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from people.models import User
from people.tests.factories import UserFactory
from purchases.forms import imports as forms
from purchases.importing import batches
from purchases.models import ImportBatch, Purchase
from purchases.tests import statements
from purchases.tests.factories import NOW, PurchaseFactory
from purchases.tests.statements import CHOSEN, USAGE, begun, read, recorded, statement
from purchases.views import imports

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

ROWS = (
    "05.02.2026;Bäckerei Müller;Karte 1;-3,45",
    "06.02.2026;Café Löwe;Karte 2;-1.234,56",
    "07.02.2026;Gehalt;Lohn;2.000,00",
    "08.02.2026;Kiosk;Karte 3;kaputt",
)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def ann(client: Client) -> User:
    user = UserFactory(username="ann")
    client.force_login(user)
    return user


def text(answer) -> str:
    return unescape(re.sub(r"\s+", " ", answer.content.decode()))


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return text(answer)


def tabs(answer) -> dict[str, int]:
    """Return how many rows the tabs say there are; those without any are left out."""
    return {tab.label: tab.count for tab in answer.context["tabs"] if tab.count}


def already(owner: User, name: str, price: str, day: date) -> None:
    """Write down a purchase by hand."""
    PurchaseFactory(owner=owner, name=name, price=Decimal(price), purchased_on=day)


def press_record(client: Client, batch: ImportBatch, **more: str):
    """Press the button of the preview as it stands."""
    batch.refresh_from_db()
    sent = {"seen_at": batch.changed_at.isoformat(), **more}
    return client.post(f"/data/import/{batch.pk}/apply/", sent)


def seen_at_in(shown: str) -> str:
    """Return which reading the form of a preview is about."""
    return shown.partition('name="seen_at" value="')[2].partition('"')[0]


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


class TestSendingAFile:
    def test_the_page_says_what_it_takes(self, client, ann):
        shown = page(client, "/data/import/")
        for words in ("up to 100 MB", "Nothing was imported yet", "Bank statement", "LiteLLM"):
            assert words in shown

    def test_a_file_leads_to_its_page(self, client, ann):
        answer = statements.sent(client, statement(*ROWS))
        batch = ImportBatch.objects.get()
        assert (batch.owner, batch.by, batch.name) == (ann, ann, "umsatz.csv")
        assert (answer.status_code, answer["Location"]) == (302, f"/data/import/{batch.pk}/")

    def test_a_script_that_sends_it_is_led_there_too(self, client, ann):
        answer = statements.sent(client, statement(*ROWS), **{"HX-Request": "true"})
        assert answer.status_code == 200
        assert answer["HX-Redirect"] == f"/data/import/{ImportBatch.objects.get().pk}/"

    @pytest.mark.parametrize(
        ("content", "name", "words"),
        [
            (b"", "a.csv", "The file is empty."),
            (b"%PDF-1.7 and so on", "a.csv", "The file is a PDF document."),
            (b"PK\x03\x04 and nothing", "a.zip", "The archive is damaged"),
            (b"{", "a.json", "The file breaks off, before its end."),
        ],
    )
    def test_what_nobody_can_read_is_refused_with_the_reason(
        self, client, ann, content, name, words
    ):
        answer = statements.sent(client, content, name)
        assert answer.status_code == 422
        assert words in text(answer)
        assert 'aria-invalid="true"' in text(answer)
        assert not ImportBatch.objects.exists()

    def test_no_file_at_all_is_told(self, client, ann):
        answer = client.post("/data/import/")
        assert answer.status_code == 422
        assert "Choose a file first." in text(answer)

    def test_a_file_that_is_too_large_is_refused(self, client, ann, monkeypatch):
        monkeypatch.setattr(forms, "MOST_BYTES", 10)
        answer = statements.sent(client, statement(*ROWS))
        assert answer.status_code == 422
        assert "larger than 100 MB" in text(answer)
        assert not ImportBatch.objects.exists()

    def test_what_rested_for_a_day_is_forgotten(self, client, ann, time_machine):
        begun(ann, statement(*ROWS))
        time_machine.shift(90_000)
        statements.sent(client, statement(*ROWS))
        assert ImportBatch.objects.count() == 1


class TestTheList:
    def test_tells_what_became_of_each_file(self, client, ann):
        recorded(ann, statement(*ROWS))
        shown = page(client, "/data/import/")
        assert "umsatz.csv" in shown
        assert "2 added, 1 refused, 1 skipped" in shown
        assert "Recorded" in shown

    def test_tells_what_waits(self, client, ann):
        read(ann, statement(*ROWS))
        assert "2 new, 1 left out, 1 cannot be read" in page(client, "/data/import/")

    def test_holds_only_ones_own(self, client, ann):
        begun(UserFactory(), statement(*ROWS), "secret.csv")
        assert "secret.csv" not in page(client, "/data/import/")

    def test_asks_as_much_for_one_as_for_many(self, client, ann):
        recorded(ann, statement(count=2))
        client.get("/data/import/")
        few = queries(client, "/data/import/")
        for number in range(20):
            recorded(ann, statement(f"05.02.2026;Shop {number};x;-1,00"))
        assert queries(client, "/data/import/") == few
        assert "Next" in page(client, "/data/import/")


class TestChoosing:
    @pytest.fixture
    def batch(self, ann) -> ImportBatch:
        return begun(ann, statement(*ROWS))

    def at(self, batch: ImportBatch, part: str = "") -> str:
        return f"/data/import/{batch.pk}/{part}"

    def test_it_says_what_was_found(self, client, batch):
        shown = page(client, self.at(batch))
        assert "Windows-1252 (Western Europe) text, separated by semicolons (;), 4 columns" in shown
        assert "The file does not tell what it is: choose below." in shown
        assert "Choose what the file is. Then the first rows show here." in shown
        assert "Bäckerei Müller" in shown

    def test_a_known_file_says_what_it_looks_like_and_may_be_read_as_another(self, client, ann):
        batch = begun(ann, USAGE.encode(), "usage.csv")
        shown = page(client, self.at(batch))
        assert "It looks like this: Usage of any program, as a table." in shown
        assert "1,200 tokens" in shown
        assert '<option value="usage-table" selected>' in shown
        assert '<option value="bank">' in shown

    def test_columns_are_suggested_and_marked_as_that(self, client, batch):
        shown = text(client.post(self.at(batch, "sample/"), {"format": "bank"}))
        day = shown.partition('name="column_day"')[2].partition("</select>")[0]
        assert '<option value="Buchungstag" selected>' in day
        assert shown.count("A suggestion") == 4
        assert "Choose how a day is written, which mark stands before the cents" in shown

    def test_the_sample_reads_as_was_chosen(self, client, batch):
        shown = text(client.post(self.at(batch, "sample/"), CHOSEN))
        assert "How it reads" in shown  # the whole page, for a browser without scripts
        for words in ("$3.45", "$1,234.56", "Feb 5, 2026", "Left out: Came in", "“kaputt”"):
            assert words.lower() in shown.lower()
        assert "1 of these 4 rows cannot be read so." in shown
        batch.refresh_from_db()
        assert (batch.state, batch.choices) == ("asking", {})

    def test_a_wrong_choice_shows_in_the_sample(self, client, batch):
        shown = text(client.post(self.at(batch, "sample/"), CHOSEN | {"days": "ymd"}))
        assert "None of these rows can be read so. Choose differently." in shown

    def test_a_script_gets_the_sample_alone(self, client, batch):
        form = client.post(self.at(batch, "sample/"), CHOSEN).context["form"]
        headers = {"HX-Request": "true", "HX-Target": "sample"}
        answer = client.post(
            self.at(batch, "sample/"), CHOSEN | {"shown": form.shown}, headers=headers
        )
        assert text(answer).strip().startswith('<section class="card sample" id="sample"')
        assert "HX-Retarget" not in answer

    def test_a_choice_that_asks_for_more_draws_all_choices_anew(self, client, batch):
        form = client.post(self.at(batch, "sample/"), CHOSEN).context["form"]
        headers = {"HX-Request": "true", "HX-Target": "sample"}
        sent = CHOSEN | {"shown": form.shown, "currency": "eur"}
        answer = client.post(self.at(batch, "sample/"), sent, headers=headers)
        assert answer["HX-Retarget"] == "#choices"
        assert "1 EUR is worth" in text(answer)

    def test_a_malformed_rate_is_told_and_kept(self, client, batch):
        sent = CHOSEN | {"currency": "EUR", "rate_EUR": "much"}
        shown = text(client.post(self.at(batch, "sample/"), sent))
        assert "Enter a rate above zero like 1,0842" in shown  # as the amounts are written
        assert 'value="much"' in shown

    @pytest.mark.parametrize(
        ("decimals", "typed", "kept"),
        [("comma", "1,08", "1.08"), ("comma", "1.08", "1.08"), ("point", "1.08", "1.08")],
    )
    def test_a_rate_may_be_typed_with_the_mark_of_the_file(
        self, client, batch, decimals, typed, kept
    ):
        sent = CHOSEN | {"currency": "EUR", "decimals": decimals, "rate_EUR": typed}
        assert client.post(self.at(batch, "choose/"), sent).status_code == 302
        batch.refresh_from_db()
        assert batch.choices["rates"] == {"EUR": kept}

    @pytest.mark.parametrize(
        ("decimals", "typed"), [("point", "1,08"), ("comma", "1.000,5"), ("comma", "1,0,8")]
    )
    def test_a_rate_that_could_mean_two_things_is_refused_at_its_field(
        self, client, batch, decimals, typed
    ):
        sent = CHOSEN | {"currency": "EUR", "decimals": decimals, "rate_EUR": typed}
        answer = client.post(self.at(batch, "choose/"), sent)
        assert answer.status_code == 422
        assert 'id="id_rate_EUR_error"' in text(answer)

    def test_a_wrong_rate_is_told_as_soon_as_it_is_typed(self, client, batch):
        sent = CHOSEN | {"currency": "EUR", "rate_EUR": "1,08"}
        sent["shown"] = client.post(self.at(batch, "sample/"), sent).context["form"].shown
        headers = {"HX-Request": "true", "HX-Target": "sample"}
        answer = client.post(self.at(batch, "sample/"), sent, headers=headers)
        assert "HX-Retarget" not in answer
        answer = client.post(self.at(batch, "sample/"), sent | {"rate_EUR": "x"}, headers=headers)
        assert answer["HX-Retarget"] == "#choices"
        assert 'id="id_rate_EUR_error"' in text(answer)

    def test_a_foreign_currency_needs_its_rate(self, client, batch):
        answer = client.post(self.at(batch, "choose/"), CHOSEN | {"currency": "EUR"})
        assert answer.status_code == 422
        assert "Enter what 1 EUR is worth in USD." in text(answer)
        assert 'id="id_rate_EUR_error"' in text(answer)
        batch.refresh_from_db()
        assert batch.state == "asking"

    def test_so_does_one_that_the_first_rows_name(self, client, ann):
        table = b"Date,Payee,Amount,Cur\n2026-02-05,Kiosk,3.00,CHF\n2026-02-06,Deli,1.00,USD\n"
        batch = begun(ann, table)
        sent = {
            "format": "bank",
            "mode": "skip",
            "column_day": "Date",
            "column_name": "Payee",
            "column_amount": "Amount",
            "column_currency": "Cur",
            "currency": "USD",
            "days": "ymd",
            "decimals": "point",
            "sign": "positive",
        }
        answer = client.post(self.at(batch, "choose/"), sent)
        assert answer.status_code == 422
        assert "Enter what 1 CHF is worth in USD." in text(answer)
        answer = client.post(self.at(batch, "choose/"), sent | {"rate_CHF": "1.1"})
        assert answer.status_code == 302

    def test_what_is_missing_is_told_at_its_field_and_everything_else_kept(self, client, batch):
        sent = {key: value for key, value in CHOSEN.items() if key != "sign"}
        answer = client.post(self.at(batch, "choose/"), sent | {"column_name": ""})
        shown = text(answer)
        assert answer.status_code == 422
        assert "Choose the column." in shown
        assert "Choose one: the file does not say." in shown
        assert re.search(r'value="dmy"[^>]* checked', shown)
        batch.refresh_from_db()
        assert batch.state == "asking"

    def test_a_column_that_is_not_in_the_file_is_refused(self, client, batch):
        answer = client.post(self.at(batch, "choose/"), CHOSEN | {"column_day": "Nowhere"})
        assert answer.status_code == 422

    def test_no_amount_is_told_above_the_columns(self, client, batch):
        answer = client.post(self.at(batch, "choose/"), CHOSEN | {"column_amount": ""})
        assert answer.status_code == 422
        assert "Choose the day, what was bought, and one amount." in text(answer)

    def test_a_format_that_nobody_knows_is_refused(self, client, batch):
        answer = client.post(self.at(batch, "choose/"), CHOSEN | {"format": "abacus"})
        assert answer.status_code == 422

    def test_an_unknown_currency_is_refused(self, client, batch):
        answer = client.post(self.at(batch, "choose/"), CHOSEN | {"currency": "ABC"})
        assert answer.status_code == 422
        assert "“ABC” is no currency; USD or EUR is." in text(answer)

    def test_once_all_is_chosen_the_file_is_read(self, client, batch):
        answer = client.post(self.at(batch, "choose/"), CHOSEN)
        assert (answer.status_code, answer["Location"]) == (302, self.at(batch))
        batch.refresh_from_db()
        assert (batch.state, batch.format, batch.mode) == ("reading", "bank", "skip")
        assert batch.choices["columns"]["day"] == "Buchungstag"

    def test_what_parts_the_columns_can_be_overruled(self, client, batch):
        shown = text(client.post(self.at(batch, "sample/"), {"format": "bank", "delimiter": ","}))
        assert "separated by commas, 1 column." in shown
        answer = client.post(self.at(batch, "sample/"), {"format": "bank", "delimiter": "x"})
        assert answer.status_code == 200
        assert "4 columns" in text(answer)

    def test_the_line_of_the_columns_can_be_told(self, client, ann):
        batch = begun(ann, b"Konto;1;2;3\nvon;bis;am;um\n" + statement(*ROWS))
        found = text(client.post(self.at(batch, "sample/"), {"format": "bank"}))
        assert "The columns are named in line" in found
        sent = {"format": "bank", "mode": "skip", "header_line": "1"}
        shown = text(client.post(self.at(batch, "sample/"), sent))
        assert "Konto" in shown.partition('name="column_day"')[2].partition("</select>")[0]
        # Columns that were chosen under the other header are suggested anew.
        answer = client.post(self.at(batch, "sample/"), sent | {"read_as": "x", "column_day": "1"})
        assert not answer.context["form"]["column_day"].value()
        sent |= {"read_as": answer.context["form"].read_as, "column_day": "", "header_line": "3"}
        shown = text(client.post(self.at(batch, "sample/"), sent))
        day = shown.partition('name="column_day"')[2].partition("</select>")[0]
        assert '<option value="Buchungstag" selected>' in day
        assert 'id="found-wrong" open' in shown
        answer = client.post(self.at(batch, "choose/"), CHOSEN | {"header_line": "3"})
        assert answer.status_code == 302
        batch.refresh_from_db()
        assert batch.choices["header_line"] == 3
        assert "2 purchases would be added." in text(statements.work_on(client, batch))

    @pytest.mark.parametrize("line", ["0", "1001", "-1", "x", "99"])
    def test_a_line_that_names_no_columns_is_told_at_its_field(self, client, batch, line):
        for part, status in (("sample/", 200), ("choose/", 422)):
            answer = client.post(self.at(batch, part), CHOSEN | {"header_line": line})
            assert answer.status_code == status
            assert 'id="id_header_line_error"' in text(answer)

    def test_rare_columns_are_folded_until_they_are_chosen(self, client, batch):
        form = client.post(self.at(batch, "sample/"), CHOSEN).context["form"]
        assert [field.name for field in form.often_fields] == [
            *("column_day", "column_name", "column_amount", "column_spent", "column_notes")
        ]
        assert "column_account" in [field.name for field in form.rare_fields]
        sent = CHOSEN | {"column_account": "Empfänger"}
        form = client.post(self.at(batch, "sample/"), sent).context["form"]
        assert "column_account" in [field.name for field in form.often_fields]

    def test_warns_before_usage_and_costs_are_counted_twice(self, client, ann):
        row = b'{"object": "page", "data": [{"object": "bucket", "results": [%s]}]}'
        costs = row % b'{"object": "organization.costs.result"}'
        batch = begun(ann, costs, "costs.json")
        assert "both would count twice." in page(client, self.at(batch))

    def test_usage_without_a_cost_says_when_it_is_priced(self, client, ann):
        table = b"timestamp,model,provider,input_tokens\n2026-07-01T10:00:00Z,gpt-5,openai,9\n"
        shown = page(client, self.at(begun(ann, table, "usage.csv")))
        assert "priced when it is read" in shown

    def test_bytes_that_are_no_letters_do_not_break_the_page(self, client, ann):
        batch = begun(ann, "Tag;Näme\n1;ä\n2;ö\n3;ü\n".encode() + b"4;\xff\xfe\n5;\x81\n")
        assert client.get(self.at(batch)).status_code == 200
        assert client.post(self.at(batch, "sample/"), CHOSEN).status_code == 200

    def test_thousands_of_columns_do_not_make_an_endless_page(self, client, ann):
        names = ",".join(f"c{number}" for number in range(5_000))
        batch = begun(ann, f"{names}\n".encode())
        answer = client.post(self.at(batch, "sample/"), {"format": "bank"})
        assert answer.status_code == 200
        assert len(answer.content) < 1_000_000
        assert "300 columns or more." in text(answer)

    def test_usage_under_columns_of_its_own_is_mapped_too(self, client, ann):
        batch = begun(ann, b"zeit,rein,raus\n2026-07-01T10:00:00Z,1000,200\n", "own.csv")
        sent = {"format": "usage-table", "mode": "skip"}
        shown = text(client.post(self.at(batch, "sample/"), sent))
        assert "When it happened" in shown
        assert "A suggestion" not in shown
        sent |= {"column_occurred_at": "zeit", "column_input_tokens": "rein"}
        shown = text(client.post(self.at(batch, "sample/"), sent))
        assert "Choose the provider and the model." in shown
        answer = client.post(self.at(batch, "choose/"), sent)
        assert answer.status_code == 422
        assert text(answer).count("Enter it: the file does not say.") == 2
        sent |= {"provider": "openai", "model": "gpt-5"}
        assert "1,000 tokens" in text(client.post(self.at(batch, "sample/"), sent))

    def test_a_choice_that_cannot_be_meant_is_told_in_the_sample(self, client, batch):
        sent = CHOSEN | {"column_spent": "Verwendungszweck"}
        assert "Choose one of both." in text(client.post(self.at(batch, "sample/"), sent))

    def test_a_file_without_rows_says_so(self, client, ann):
        batch = begun(ann, statement())
        assert "The file has no rows." in text(client.post(self.at(batch, "sample/"), CHOSEN))

    def test_json_is_called_that(self, client, ann):
        batch = begun(ann, b'{"gen_ai.usage.input_tokens": 1}\n{"a": 1}\n', "spans.jsonl")
        shown = page(client, self.at(batch))
        assert "UTF-8 text, JSON, one object a line" in shown
        assert "Letters or columns look wrong?" not in shown

    def test_there_are_no_rows_to_look_at_yet(self, client, batch):
        answer = client.get(self.at(batch, "rows/"))
        assert (answer.status_code, answer["Location"]) == (302, self.at(batch))

    def test_a_lost_file_is_told(self, client, batch, folder):
        for path in folder.rglob("*"):
            if path.is_file():
                path.unlink()
        assert "is not there any more" in page(client, self.at(batch))
        for part in ("sample/", "choose/", "preset/"):
            answer = client.post(self.at(batch, part), CHOSEN | {"name": "x"})
            assert (answer.status_code, answer["Location"]) == (302, self.at(batch))

    @pytest.mark.parametrize("part", ["sample/", "choose/", "preset/", "work/", "apply/"])
    def test_asking_without_sending_leads_to_the_page(self, client, batch, part):
        answer = client.get(self.at(batch, part))
        assert (answer.status_code, answer["Location"]) == (302, self.at(batch))

    def test_it_is_too_late_once_it_is_recorded(self, client, ann):
        batch = recorded(ann, statement(*ROWS))
        for part in ("sample/", "choose/"):
            answer = client.post(self.at(batch, part), CHOSEN)
            assert (answer.status_code, answer["Location"]) == (302, self.at(batch))
        assert "Report" in page(client, self.at(batch) + "?change=yes")


class TestProgress:
    @pytest.fixture
    def batch(self, ann) -> ImportBatch:
        batch = begun(ann, statement(*ROWS))
        return batches.choose(
            batch=batch, format="bank", choices=statements.CHOICES, mode="skip", now=NOW
        )

    def test_tells_how_far_it_is_and_offers_to_go_on(self, client, batch):
        shown = page(client, f"/data/import/{batch.pk}/")
        assert "Reading the file" in shown
        assert "0 rows read, 0 %" in shown
        assert "<button>Go on</button>" in shown
        assert "Discard this import…" in shown

    def test_a_button_does_the_next_part(self, client, batch):
        answer = client.post(f"/data/import/{batch.pk}/work/")
        assert (answer.status_code, answer["Location"]) == (302, f"/data/import/{batch.pk}/")
        batch.refresh_from_db()
        assert batch.state == "ready"

    def test_a_request_does_at_most_so_much(self, client, ann, monkeypatch):
        monkeypatch.setattr(imports, "SECONDS", 0)
        batch = read(ann, statement(count=1_200))
        press_record(client, batch)
        client.post(f"/data/import/{batch.pk}/work/")
        assert Purchase.objects.count() == 500

    def test_a_script_gets_how_far_it_is_until_it_is_over(self, client, ann, monkeypatch):
        monkeypatch.setattr(imports, "SECONDS", 600)
        batch = read(ann, statement(count=2_100))
        press_record(client, batch)
        work, headers = f"/data/import/{batch.pk}/work/", {"HX-Request": "true"}
        answer = client.post(work, headers=headers)
        assert text(answer).strip().startswith('<div id="progress"')
        assert "2,000 of 2,100 rows" in text(answer)
        assert client.post(work, headers=headers)["HX-Redirect"] == f"/data/import/{batch.pk}/"
        assert Purchase.objects.count() == 2_100

    def test_recording_tells_how_many_rows_are_done(self, client, ann):
        batch = read(ann, statement(count=4_200))
        press_record(client, batch)
        batches.work(batch=batch, now=NOW, most=1_500)
        assert "1,500 of 4,200 rows" in page(client, f"/data/import/{batch.pk}/")

    def test_recording_can_be_stopped_and_undone(self, client, ann):
        batch = read(ann, statement(*ROWS))
        press_record(client, batch)
        shown = page(client, f"/data/import/{batch.pk}/")
        assert "Recording" in shown
        assert "Stop and undo this import…" in shown
        assert "Undo this import?" in page(client, f"/data/import/{batch.pk}/undo/")
        client.post(f"/data/import/{batch.pk}/undo/")
        answer = statements.work_on(client, batch)
        assert "There was nothing to undo." in text(answer)
        assert not Purchase.objects.live().exists()

    def test_one_that_was_discarded_meanwhile_is_not_found(self, client, batch):
        batches.discard(batch=batch)
        assert client.post(f"/data/import/{batch.pk}/work/").status_code == 404


class TestPreview:
    def test_tells_what_would_be_recorded(self, client, ann):
        batch = read(ann, statement(*ROWS))
        answer = client.get(f"/data/import/{batch.pk}/")
        shown = text(answer)
        assert "2 purchases would be added." in shown
        assert "$1,238.01" in shown
        assert "1 row cannot be read and would be left out." in shown
        assert "Record 2 purchases" in shown
        assert tabs(answer) == {"New": 2, "Left out": 1, "Cannot be read": 1}
        assert "Bäckerei Müller" in shown
        assert "Gehalt" not in shown

    def test_a_tab_shows_the_rows_of_one_fate_with_line_and_reason(self, client, ann):
        batch = read(ann, statement(*ROWS))
        shown = page(client, f"/data/import/{batch.pk}/rows/?fate=error")
        assert "“kaputt”" in shown
        assert 'class="line-number">5<' in shown
        assert f'/data/import/{batch.pk}/rows/?fate=error" aria-current="true"' in shown
        assert "Gehalt" in page(client, f"/data/import/{batch.pk}/rows/?fate=left_out")

    def test_a_tab_that_nobody_knows_shows_the_first(self, client, ann):
        batch = read(ann, statement(*ROWS))
        assert "Bäckerei Müller" in page(client, f"/data/import/{batch.pk}/rows/?fate=x&page=99")

    def test_has_fifty_rows_on_a_page(self, client, ann):
        batch = read(ann, statement(count=60))
        answer = client.get(f"/data/import/{batch.pk}/")
        assert len(answer.context["lines"]) == 50
        assert "1–50 of 60 rows" in text(answer)
        more = client.get(f"/data/import/{batch.pk}/rows/?fate=new&page=2")
        assert len(more.context["lines"]) == 10

    def test_asks_as_much_for_ten_rows_as_for_fifty(self, client, ann):
        few, many = read(ann, statement(count=10)), read(ann, statement(count=50))
        client.get(f"/data/import/{few.pk}/")
        asked = queries(client, f"/data/import/{few.pk}/")
        assert queries(client, f"/data/import/{many.pk}/") == asked

    def test_suspected_doubles_are_recorded_when_that_is_chosen(self, client, ann):
        already(ann, "Bäckerei Müller", "3.45", date(2026, 2, 5))
        already(ann, "Café Löwe", "1234.56", date(2026, 2, 6))
        batch = read(ann, statement(*ROWS[:2]))
        shown = page(client, f"/data/import/{batch.pk}/")
        assert "Record the 2 suspected doubles too" in shown
        press_record(client, batch, doubles="yes")
        assert "2 purchases added." in text(statements.work_on(client, batch))
        assert Purchase.objects.count() == 4

    def test_doubles_are_left_out_otherwise(self, client, ann):
        already(ann, "Bäckerei Müller", "3.45", date(2026, 2, 5))
        batch = read(ann, statement(*ROWS))
        shown = page(client, f"/data/import/{batch.pk}/")
        assert "Record 1 purchase" in shown
        assert 'data-more="Record 2 purchases"' in shown
        both = "Without: 1 purchase, $1,234.56. With: 2 purchases, $1,238.01."
        assert both in shown
        assert "2 purchases would be added." in shown.partition("data-with-doubles hidden")[2]
        press_record(client, batch)
        statements.work_on(client, batch)
        assert Purchase.objects.count() == 2

    def test_a_file_that_is_here_already_has_nothing_to_record(self, client, ann):
        recorded(ann, statement(*ROWS))
        batch = read(ann, statement(*ROWS[:3]))
        answer = client.get(f"/data/import/{batch.pk}/")
        assert "Nothing in this file is new: it is here already." in text(answer)
        assert "Record " not in text(answer)
        assert tabs(answer) == {"Already here": 2, "Left out": 1}

    def test_a_file_without_rows_shows_no_tabs(self, client, ann):
        shown = page(client, f"/data/import/{read(ann, statement()).pk}/")
        assert "There is nothing in this file" in shown
        assert 'id="rows"' not in shown

    def test_a_file_of_ours_says_what_stays_in_it(self, client, ann):
        batch = read(ann, statement(*ROWS))
        assert "stay in the file" not in page(client, f"/data/import/{batch.pk}/")
        ImportBatch.objects.update(format="pursestrings")
        assert (
            "Only purchases, with their warranties and papers, are brought in; people, occasions,"
            " gifts and the budget stay in the file." in page(client, f"/data/import/{batch.pk}/")
        )

    def test_a_row_tells_its_warranty_and_its_papers(self, client, ann):
        batch = read(ann, statement(*ROWS))
        row = batch.rows.get(line=2)
        ends = {"starts_on": "2026-02-05", "ends_on": "2028-11-03"}
        paper = {"member": "a", "sha256": "b", "name": "c.pdf"}
        row.data |= {"warranties": [ends], "files": [paper, paper]}
        row.save()
        assert "Warranty until Nov 3, 2028 · 2 papers" in page(client, f"/data/import/{batch.pk}/")
        row.data |= {"warranties": [ends, ends | {"ends_on": None}], "files": [paper]}
        row.save()
        assert "2 warranties for life · 1 paper<" in page(client, f"/data/import/{batch.pk}/")

    def test_how_it_reads_can_be_changed(self, client, ann):
        batch = read(ann, statement(*ROWS))
        shown = page(client, f"/data/import/{batch.pk}/?change=yes")
        assert "How the first rows read" in shown
        assert "$3.45" in shown
        client.post(f"/data/import/{batch.pk}/choose/", CHOSEN | {"sign": "positive"})
        statements.work_on(client, batch)
        assert tabs(client.get(f"/data/import/{batch.pk}/"))["Left out"] == 2

    def test_a_currency_without_a_rate_is_told_and_can_be_given_one(self, client, ann):
        batch = read(ann, statement(*ROWS), currency="EUR")
        assert tabs(client.get(f"/data/import/{batch.pk}/"))["Cannot be read"] == 3
        assert "1 EUR is worth" in page(client, f"/data/import/{batch.pk}/?change=yes")
        client.post(
            f"/data/import/{batch.pk}/choose/", CHOSEN | {"currency": "EUR", "rate_EUR": "1.5"}
        )
        assert "€1,238.01" in text(statements.work_on(client, batch))

    def test_what_was_read_anew_since_is_shown_again_before_it_is_recorded(
        self, client, ann, time_machine
    ):
        batch = read(ann, statement(*ROWS))
        seen = page(client, f"/data/import/{batch.pk}/")
        seen_at = seen_at_in(seen)
        time_machine.shift(60)
        sent = CHOSEN | {"currency": "EUR", "rate_EUR": "3"}
        client.post(f"/data/import/{batch.pk}/choose/", sent)
        statements.work_on(client, batch)
        for words in ({"seen_at": seen_at}, {"seen_at": "x"}, {"seen_at": "2026-07-15"}, {}):
            answer = client.post(f"/data/import/{batch.pk}/apply/", words)
            assert answer.status_code == 409
            shown = text(answer)
            assert "The file was read anew since you looked at it" in shown
            assert "€1,238.01" in shown
        assert not Purchase.objects.exists()
        seen_at = seen_at_in(shown)
        answer = client.post(f"/data/import/{batch.pk}/apply/", {"seen_at": seen_at})
        assert answer.status_code == 302
        batch.refresh_from_db()
        assert batch.state == "applying"

    def test_sums_are_of_what_is_new_and_a_change_shows_both_prices(self, client, ann):
        recorded(ann, b"Date,Payee,Amount,Id\n2026-02-05,Kiosk,-3.00,7\n", **ENGLISH)
        table = b"Date,Payee,Amount,Id\n2026-02-05,Kiosk,-4.00,7\n2026-02-06,Deli,-1.50,8\n"
        batch = read(ann, table, mode="update", **ENGLISH)
        answer = client.get(f"/data/import/{batch.pk}/")
        assert [one.amount for one in answer.context["preview"].sums] == [Decimal("1.50")]
        shown = page(client, f"/data/import/{batch.pk}/rows/?fate=changed")
        assert "$3.00 → $4.00" in shown
        press_record(client, batch)
        answer = statements.work_on(client, batch)
        assert [one.amount for one in answer.context["report"].sums] == [Decimal("1.50")]
        Purchase.objects.update(price=Decimal(9))
        assert "$3.00 → $4.00" in page(client, f"/data/import/{batch.pk}/rows/?outcome=updated")
        # What is left as it is has one price: that of the file.
        batch = read(ann, table, **ENGLISH)
        shown = page(client, f"/data/import/{batch.pk}/rows/?fate=changed")
        assert "→" not in shown

    def test_uses_of_models_are_called_that(self, client, ann):
        batch = begun(ann, USAGE.encode(), "usage.csv")
        client.post(f"/data/import/{batch.pk}/choose/", {"format": "usage-table", "mode": "skip"})
        shown = text(statements.work_on(client, batch))
        assert "Record 2 uses of AI models" in shown
        assert "$0.0125" in shown
        assert "1,200 tokens" in shown
        press_record(client, batch)
        shown = text(statements.work_on(client, batch))
        assert "2 uses of AI models added." in shown
        assert "See your budget" in shown
        assert "no longer count in the budget" in page(client, f"/data/import/{batch.pk}/undo/")

    def test_all_or_nothing_fails_when_a_row_cannot_be_read(self, client, ann):
        batch = read(ann, statement(*ROWS), mode="strict")
        answer = client.get(f"/data/import/{batch.pk}/")
        shown = text(answer)
        body = shown.partition("<h1>")[2]
        assert body.count("Nothing was recorded") == 1
        assert "Nothing of this file" not in body
        assert "You chose all or nothing" in body
        assert answer.context["tab"].label == "Cannot be read"
        assert "Line 5: Betrag: “kaputt”" in shown
        assert "Change how it reads" in shown
        assert tabs(answer)["Cannot be read"] == 1

    def test_all_or_nothing_tells_what_stayed_and_keeps_its_record(self, client, ann):
        batch = read(ann, statement(*ROWS[:2]), mode="strict")
        batch = statements.finished(batches.apply(batch=batch, by=ann, now=NOW))
        Purchase.objects.filter(name="Café Löwe").update(version=2)
        # As it stands when a later row was refused.
        ImportBatch.objects.update(state="undoing", problem="Line 9: is wrong.")
        shown = text(statements.work_on(client, batch))
        assert "Taken back" in shown
        assert "1 stays as it is: somebody changed it since." in shown
        assert "Nothing of this file was recorded" not in shown
        assert "Discard this import" not in shown
        for method in (client.get, client.post):
            answer = method(f"/data/import/{batch.pk}/discard/")
            assert (answer.status_code, answer["Location"]) == (302, f"/data/import/{batch.pk}/")


class TestTheReport:
    def test_tells_what_became_of_it(self, client, ann):
        batch = recorded(ann, statement(*ROWS))
        answer = client.get(f"/data/import/{batch.pk}/")
        shown = text(answer)
        assert "2 purchases added." in shown
        assert "1 row could not be recorded. Each says why." in shown
        assert tabs(answer) == {"Added": 2, "Refused": 1, "Skipped": 1}
        one = Purchase.objects.get(name="Café Löwe")
        assert f'href="/purchases/{one.pk}/">Café Löwe</a>' in shown

    def test_a_deleted_purchase_is_named_without_a_link(self, client, ann):
        batch = recorded(ann, statement(*ROWS))
        Purchase.objects.filter(name="Café Löwe").update(deleted_at=NOW)
        shown = page(client, f"/data/import/{batch.pk}/")
        assert ">Café Löwe</a>" not in shown
        assert "Café Löwe" in shown

    def test_what_was_brought_up_to_date_is_told(self, client, ann):
        recorded(ann, b"Date,Payee,Amount,Id\n2026-02-05,Kiosk,-3.00,7\n", **ENGLISH)
        again = recorded(
            ann,
            b"Date,Payee,Amount,Id\n2026-02-05,Kiosk,-4.00,7\n2026-02-06,Deli,-1.00,8\n",
            mode="update",
            **ENGLISH,
        )
        shown = page(client, f"/data/import/{again.pk}/")
        assert "1 purchase added, and 1 brought up to date." in shown
        alone = b"Date,Payee,Amount,Id\n2026-02-05,Kiosk,-5.00,7\n"
        waiting = read(ann, alone, mode="update", **ENGLISH)
        shown = page(client, f"/data/import/{waiting.pk}/")
        assert "1 purchase would be brought up to date." in shown
        press_record(client, waiting)
        assert "1 purchase brought up to date." in text(statements.work_on(client, waiting))
        assert "become" in page(client, f"/data/import/{again.pk}/undo/")

    def test_every_row_is_in_the_file_of_the_report(self, client, ann):
        batch = recorded(ann, statement(*ROWS, "09.02.2026;=cmd();x;-1,00"))
        answer = client.get(f"/data/import/{batch.pk}/report.csv")
        assert answer["Content-Disposition"] == (
            f'attachment; filename="pursestrings-import-{batch.pk}.csv"'
        )
        lines = b"".join(answer).decode().splitlines()
        assert lines[0] == "line,outcome,fate,what,day,amount,currency,reason,odd"
        assert lines[1] == "2,Added,New,Bäckerei Müller,2026-02-05,3.45,USD,,"
        assert lines[4].startswith("5,Refused,Cannot be read,,,,,")
        assert "'=cmd()" in lines[5]
        assert len(lines) == 6

    def test_usage_is_in_it_too(self, client, ann):
        batch = begun(ann, USAGE.encode(), "usage.csv")
        client.post(f"/data/import/{batch.pk}/choose/", {"format": "usage-table", "mode": "skip"})
        statements.work_on(client, batch)
        lines = b"".join(client.get(f"/data/import/{batch.pk}/report.csv")).decode().splitlines()
        assert ",gpt-5,2026-07-01T10:00:00+00:00,0.0125,USD," in lines[1]

    def test_asks_as_much_for_ten_rows_as_for_fifty(self, client, ann):
        few = recorded(ann, statement(count=10))
        many = recorded(ann, statement(count=60))
        client.get(f"/data/import/{few.pk}/")
        asked = queries(client, f"/data/import/{few.pk}/")
        assert queries(client, f"/data/import/{many.pk}/") == asked


ENGLISH = {
    "columns": {"day": "Date", "name": "Payee", "amount": "Amount", "id": "Id"},
    "decimals": "point",
    "days": "ymd",
}


class TestUndoing:
    def test_tells_first_what_it_takes_back(self, client, ann):
        batch = recorded(ann, statement(*ROWS))
        shown = page(client, f"/data/import/{batch.pk}/undo/")
        assert "2 purchases that it added go to the trash" in shown
        assert "What was changed by hand since then stays" in shown
        assert Purchase.objects.live().count() == 2

    def test_takes_it_back(self, client, ann):
        batch = recorded(ann, statement(*ROWS))
        client.post(f"/data/import/{batch.pk}/undo/")
        answer = statements.work_on(client, batch)
        assert "2 purchases were taken back." in text(answer)
        assert tabs(answer)["Undone"] == 2
        assert not Purchase.objects.live().exists()

    def test_what_was_changed_since_stays_and_is_told(self, client, ann):
        batch = recorded(ann, statement(*ROWS))
        Purchase.objects.filter(name="Café Löwe").update(version=2)
        client.post(f"/data/import/{batch.pk}/undo/")
        answer = statements.work_on(client, batch)
        assert "1 purchase was taken back." in text(answer)
        assert "1 stays as it is: somebody changed it since." in text(answer)
        assert tabs(answer)["Kept, as it was changed since"] == 1

    def test_what_was_not_recorded_cannot_be_undone(self, client, ann):
        batch = read(ann, statement(*ROWS))
        assert client.get(f"/data/import/{batch.pk}/undo/").status_code == 302
        answer = client.post(f"/data/import/{batch.pk}/undo/")
        assert answer.status_code == 422
        assert "There is nothing that could be undone now." in text(answer)

    def test_recording_twice_is_refused_and_told(self, client, ann):
        batch = recorded(ann, statement(*ROWS))
        answer = press_record(client, batch)
        assert answer.status_code == 422
        assert "There is nothing that could be recorded now." in text(answer)
        assert Purchase.objects.count() == 2

    def test_recording_while_it_is_recorded_shows_how_far_it_is(self, client, ann):
        batch = read(ann, statement(*ROWS))
        for _ in range(2):
            answer = press_record(client, batch)
            assert (answer.status_code, answer["Location"]) == (302, f"/data/import/{batch.pk}/")


class TestDiscarding:
    def test_asks_first_and_then_forgets(self, client, ann, folder):
        batch = read(ann, statement(*ROWS))
        assert "Discard this import?" in page(client, f"/data/import/{batch.pk}/discard/")
        answer = client.post(f"/data/import/{batch.pk}/discard/", follow=True)
        assert "“umsatz.csv” is discarded. Nothing of it was recorded." in text(answer)
        assert not ImportBatch.objects.exists()

    def test_what_was_recorded_stays_as_a_record(self, client, ann):
        batch = recorded(ann, statement(*ROWS))
        for method in (client.get, client.post):
            answer = method(f"/data/import/{batch.pk}/discard/")
            assert (answer.status_code, answer["Location"]) == (302, f"/data/import/{batch.pk}/")
        assert ImportBatch.objects.exists()


PARTS = (
    *("", "choose/", "sample/", "work/", "apply/", "undo/", "discard/", "rows/", "report.csv"),
    "preset/",
)


class TestRights:
    @pytest.mark.parametrize("part", PARTS)
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_anothers_import_is_not_there(self, client, ann, part, method):
        batch = recorded(UserFactory(), statement(*ROWS))
        answer = getattr(client, method)(f"/data/import/{batch.pk}/{part}")
        assert answer.status_code in ({404} if method == "get" else {404, 405})
        batch.refresh_from_db()
        assert batch.state == "done"

    def test_nor_for_an_administrator(self, client):
        client.force_login(UserFactory(administrator=True))
        batch = read(UserFactory(), statement(*ROWS))
        assert client.get(f"/data/import/{batch.pk}/").status_code == 404

    def test_nor_for_whoever_began_it_for_somebody_else(self, client, ann):
        batch = recorded(UserFactory(), statement(*ROWS))
        ImportBatch.objects.update(by=ann)
        assert client.get(f"/data/import/{batch.pk}/").status_code == 404

    @pytest.mark.parametrize("part", ["", "rows/", "report.csv"])
    def test_looking_changes_nothing_and_takes_no_post(self, client, ann, part):
        batch = read(ann, statement(*ROWS))
        assert client.post(f"/data/import/{batch.pk}/{part}").status_code == 405
