"""Rows as JSON and back: every kind of value, exactly, on either database."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from budgets import ledger
from budgets.models import Budget, Change, Cycle, DailyTotal, Entry
from budgets.tests.factories import make_budget, record
from config.portable.tables import (
    CHUNK,
    BadRow,
    Table,
    check_references,
    set_sequences,
    tables,
    written,
)
from config.tests.household import Household
from people.models import Answer, Person, User
from people.tests.factories import UserFactory
from purchases.models import (
    Attachment,
    Blob,
    CalendarFeed,
    ImportBatch,
    ImportPreset,
    ImportRow,
    Preferences,
    Purchase,
    Tag,
    UndoStep,
)
from purchases.tests.factories import NOW, AttachmentFactory, BlobFactory, PurchaseFactory, buy

pytestmark = pytest.mark.django_db

#: What no database holds in a text: NUL, and halves of a character.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
MICROS = st.integers(-(10**14), 10**14).map(lambda units: Decimal(units).scaleb(-6))
RATES = st.integers(1, 10**16).map(lambda units: Decimal(units).scaleb(-10))
MOMENTS = st.integers(0, 2 * 10**17).map(
    lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)
DAYS = st.dates()
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def lines(found: list[Table]) -> dict[str, list[str]]:
    """Return every row of these tables as it is written."""
    return {table.name: [written(row) for row in table.rows()] for table in found}


def erase(found: list[Table]) -> None:
    """Delete every row; what points at it is looked at when the transaction ends."""
    for table in found:
        table.model._base_manager.all()._raw_delete("default")


def load(found: list[Table], kept: dict[str, list[str]]) -> None:
    for table in found:
        table.load(json.loads(line) for line in kept[table.name])


def there_and_back(*models: type[Model]) -> None:
    """Write the rows of these tables, delete them, read them, and compare."""
    found = [Table.of(model) for model in models]
    kept = lines(found)
    erase(found)
    load(found, kept)
    assert lines(found) == kept


def row_of(instance: Model) -> dict[str, object]:
    table = Table.of(type(instance))
    [row] = table.rows(table.model._base_manager.filter(pk=instance.pk))
    return row


class TestEveryTable:
    @pytest.fixture
    def everything(self, time_machine) -> Iterator[Household]:
        """Leave at least one row in every table."""
        time_machine.move_to(NOW, tick=False)
        home = Household(administrator=True)
        home.hide()
        user = home.user
        charged = buy(user, "3.50")
        user.groups.add(Group.objects.create(name="Family"))
        user.groups.get().permissions.add(Permission.objects.first())
        user.user_permissions.add(Permission.objects.last())
        ledger.hold(budget=user.budget, amount=Decimal(5), now=NOW)
        ledger.reset(budget=user.budget, actor=user, reason="Anew", now=NOW)
        Change.objects.create(
            budget=user.budget, setting="limit", actor=user, origin="page", changed_at=NOW
        )
        LogEntry.objects.create(user=user, action_flag=1, content_type=None)
        Preferences.objects.create(user=user, purchase_columns=["day"])
        Answer.objects.create(user=user, key="a", status=200, body="{}", created_at=NOW)
        CalendarFeed.objects.create(user=user, key_hash="0" * 64, made_at=NOW)
        UndoStep.objects.create(user=user, before={"9": {"b": "1", "a": None}}, made_at=NOW)
        ImportPreset.objects.create(owner=user, name="Bank", choices={"sign": "minus"})
        batch = ImportBatch.objects.create(
            owner=user, by=user, name="a.csv", size=9, sha256="0" * 64, made_at=NOW, changed_at=NOW
        )
        ImportRow.objects.create(batch=batch, number=1, line=2, fate="new", purchase=charged)
        return home

    def test_is_there_and_no_row_is_lost(self, everything):
        found = tables()
        kept = lines(found)
        assert [name for name, rows in kept.items() if not rows] == []
        erase(found)
        assert all(not rows for rows in lines(found).values())
        load(found, kept)
        check_references()
        assert lines(found) == kept
        assert ledger.check() == []

    def test_none_is_forgotten(self):
        stored = set(connection.introspection.table_names())
        kept = {table.model._meta.db_table for table in tables()}
        assert stored - kept == {"django_migrations", "django_session"}

    def test_those_that_are_not_wanted_are_left_out(self):
        labels = {table.name for table in tables(without=["people.User"])}
        assert labels == {table.name for table in tables()} - {"people.User"}

    def test_holds_no_kind_of_value_but_those_that_are_known_here(self):
        kinds = {type(field).__name__ for table in tables() for field in table.fields}
        assert kinds == {
            *("AutoField", "BigAutoField", "BigIntegerField", "BooleanField", "CharField"),
            *("DateField", "DateTimeField", "EmailField", "ForeignKey", "ImageField"),
            *(
                "JSONField",
                "MoneyField",
                "OneToOneField",
                "PercentField",
                "PositiveBigIntegerField",
            ),
            *("PositiveIntegerField", "PositiveSmallIntegerField", "RateField", "TextField"),
            *("URLField", "UUIDField"),
        }

    def test_what_the_database_works_out_is_not_written(self):
        assert "name_key" not in row_of(PurchaseFactory())

    def test_what_the_database_works_out_is_worked_out_again(self):
        purchase = PurchaseFactory(name="Blue Kettle")
        before = Purchase.objects.get(pk=purchase.pk).name_key
        there_and_back(Purchase)
        assert Purchase.objects.get(pk=purchase.pk).name_key == before == "blue kettle"


class TestEveryValue:
    @given(TEXTS, TEXTS, MOMENTS)
    def test_texts_and_moments(self, old, new, moment):
        Change.objects.all().delete()
        budget = Budget.objects.first() or make_budget()
        Change.objects.create(
            budget=budget, setting="limit", old=old, new=new, origin="page", changed_at=moment
        )
        there_and_back(Change)
        stored = Change.objects.get()
        assert (stored.old, stored.new, stored.changed_at) == (old, new, moment)

    @given(MICROS, st.integers(-(2**63), 2**63 - 1), DAYS)
    def test_amounts_numbers_and_days(self, amount, tokens, day):
        DailyTotal.objects.all().delete()
        budget = Budget.objects.first() or make_budget()
        cycle = Cycle.objects.filter(budget=budget).first() or ledger.roll(budget, now=NOW)
        DailyTotal.objects.create(
            budget=budget, cycle=cycle, day=day, kind="usage", amount=amount, input_tokens=tokens
        )
        there_and_back(DailyTotal)
        stored = DailyTotal.objects.get()
        assert (stored.amount, stored.input_tokens, stored.day) == (amount, tokens, day)

    @given(RATES, st.booleans(), st.none() | DAYS, st.uuids())
    def test_rates_answers_nothings_and_names(self, rate, shared, day, uid):
        Purchase.objects.all().delete()
        owner = User.objects.first() or UserFactory()
        PurchaseFactory(
            owner=owner,
            exchange_rate=rate,
            amount=1,
            shared=shared,
            secret_until=day,
            uid=uid,
        )
        there_and_back(Purchase)
        stored = Purchase.objects.get()
        assert (stored.exchange_rate, stored.shared) == (rate, shared)
        assert (stored.secret_until, stored.uid) == (day, uid)

    @given(JSONS.filter(lambda value: value is not None))
    def test_json(self, value):
        UndoStep.objects.all().delete()
        user = User.objects.first() or UserFactory()
        UndoStep.objects.create(user=user, before=value, made_at=NOW)
        there_and_back(UndoStep)
        assert UndoStep.objects.get().before == value

    def test_percentages(self):
        budget = make_budget(yellow=Decimal("0.01"), orange=Decimal("89.99"))
        row = row_of(budget)
        assert (row["yellow"], row["orange"], row["red"]) == ("0.01", "89.99", "100.00")

    def test_is_written_alike_on_both_databases(self):
        user = UserFactory(timezone="Europe/Berlin")
        step = UndoStep.objects.create(
            user=user,
            before={"b": {"longer": 1, "z": 2}, "a": []},
            made_at=datetime(2026, 7, 1, 10, 0, 0, 120, tzinfo=UTC),
        )
        assert written(row_of(step)) == (
            f'{{"id":{step.pk},"user_id":{user.pk},"before":{{"a":[],"b":{{"longer":1,"z":2}}}},'
            '"made_at":"2026-07-01T10:00:00.000120Z","undone_at":null}'
        )


class TestPages:
    def test_more_rows_than_are_read_at_once(self):
        count = 2 * CHUNK + 1
        Tag.objects.bulk_create(Tag(name=f"{n}", key=f"{n}") for n in range(count))
        with CaptureQueriesContext(connection) as asked:
            names = [row["name"] for row in Table.of(Tag).rows()]
        assert names == [f"{number}" for number in range(count)]
        assert len(asked) == 3
        there_and_back(Tag)

    def test_as_many_rows_as_are_read_at_once(self):
        Tag.objects.bulk_create(Tag(name=f"{n}", key=f"{n}") for n in range(CHUNK))
        assert len(list(Table.of(Tag).rows())) == CHUNK

    def test_keys_that_are_texts(self, monkeypatch):
        monkeypatch.setattr("config.portable.tables.CHUNK", 3)
        kept = sorted(BlobFactory().sha256 for _ in range(10))
        assert [row["sha256"] for row in Table.of(Blob).rows()] == kept
        there_and_back(Blob)

    def test_keys_that_are_somebody(self, monkeypatch):
        monkeypatch.setattr("config.portable.tables.CHUNK", 2)
        # In the order of their keys, not of their names.
        users = [UserFactory(username=name) for name in "zyxwv"]
        for user in users:
            Preferences.objects.create(user=user)
        keys = [row["user_id"] for row in Table.of(Preferences).rows()]
        assert keys == [user.pk for user in users]

    def test_rows_of_a_query_alone(self):
        for name in ("Ann", "Ben", "Cleo"):
            Person.objects.create(name=name)
        query = Person.objects.exclude(name="Ben")
        assert [row["name"] for row in Table.of(Person).rows(query)] == ["Ann", "Cleo"]


class TestSequences:
    def test_the_next_row_has_a_key_of_its_own(self):
        Tag.objects.bulk_create([Tag(pk=700, name="a", key="a")])
        purchase = PurchaseFactory()
        through = Purchase.tags.through
        through.objects.bulk_create([through(pk=900, purchase=purchase, tag_id=700)])
        set_sequences(tables())
        later = Tag.objects.create(name="b", key="b")
        assert later.pk > 700
        purchase.tags.add(later)
        assert through.objects.get(tag=later).pk > 900

    def test_they_never_go_back(self):
        """What a transaction did not keep may have been the last to ask."""
        gone = Tag.objects.create(name="a", key="a").pk
        erase([Table.of(Tag)])
        Tag.objects.bulk_create([Tag(pk=gone - 1, name="a", key="a")])
        set_sequences(tables())
        assert Tag.objects.create(name="b", key="b").pk == gone + 1

    def test_tables_without_rows_begin_anywhere(self):
        erase([Table.of(Tag)])
        set_sequences([Table.of(Tag)])
        assert Tag.objects.create(name="b", key="b").pk > 0


class TestBadRows:
    @pytest.fixture
    def row(self) -> dict[str, object]:
        owner = UserFactory()
        row = row_of(PurchaseFactory(owner=owner, link="https://a.example", deleted_at=NOW))
        erase([Table.of(Purchase)])
        return row

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            *(("price", value) for value in (1, 1.5, "1e3", "NaN", "", "five", "1.0000001", True)),
            *(("price", value) for value in (None, [1], {"a": 1}, "9" * 40, "+5", " 5", "5 ")),
            *(("quantity", value) for value in ("1", 1.0, 1.5, True, None, "one")),
            *(("shared", value) for value in ("yes", "true", 1, 0, None)),
            *(("name", value) for value in (5, None, ["a"], True)),
            *(("purchased_on", value) for value in ("2026-02-31", "31/02/2026", 20260201, "soon")),
            *(("purchased_on", value) for value in ("2026-7-1", "2026-07-01T00:00:00Z", None)),
            *(("created_at", value) for value in ("2026-07-01", "2026-07-01T10:00:00", None, 5)),
            ("created_at", "2026-07-01T10:00:00+02:00"),
            *(
                ("uid", value)
                for value in ("x", 5, "0" * 32, "F" * 8 + "-0000" * 3 + "-" + "0" * 12)
            ),
            *(("exchange_rate", value) for value in ("0.00000000001", 1, "x", "-Infinity")),
            *(("id", value) for value in (None, "1", 1.0)),
            *(("owner_id", value) for value in ("1", "x", 1.5)),
        ],
    )
    def test_a_value_that_is_not_written_as_it_should_be(self, row, field, value: object):
        with pytest.raises(BadRow, match=f"^purchases.Purchase .*, {field}: "):
            Table.of(Purchase).instance({**row, field: value})

    def test_a_column_too_few_and_one_too_many(self, row):
        missing = {name: value for name, value in row.items() if name != "price"}
        for wrong in (missing, {**row, "colour": "red"}, {**missing, "colour": "red"}, {}):
            with pytest.raises(BadRow, match=r"^purchases\.Purchase: the columns differ: "):
                Table.of(Purchase).instance(wrong)

    @pytest.mark.parametrize(
        "path", ["../../settings.py", "/etc/passwd", "people/../../x", "a\\..\\b", "a\0b", 5]
    )
    def test_a_photo_or_an_upload_that_lies_elsewhere(self, path):
        person = row_of(Person.objects.create(name="Ann", photo="people/a.webp"))
        assert Table.of(Person).instance(person).photo.name == "people/a.webp"
        batch = ImportBatch(
            owner=UserFactory(), name="a", size=1, sha256="0", made_at=NOW, changed_at=NOW
        )
        batch.save()
        for row, field in ((person, "photo"), (row_of(batch), "path")):
            table = Table.of(Person if field == "photo" else ImportBatch)
            with pytest.raises(BadRow, match=f"{field}: "):
                table.instance({**row, field: path})

    @pytest.mark.parametrize("sha256", ["../../../settings.py", "A" * 64, "0" * 63, "", "0" * 65])
    def test_bytes_under_a_name_that_is_no_hash(self, sha256):
        row = row_of(BlobFactory())
        with pytest.raises(BadRow, match="is no SHA-256"):
            Table.of(Blob).instance({**row, "sha256": sha256})

    @pytest.mark.parametrize(("field", "value"), [("price", "0"), ("quantity", 0)])
    def test_what_the_database_refuses(self, row, field, value):
        with pytest.raises(BadRow, match=r"^purchases\.Purchase, one of "):
            Table.of(Purchase).load([{**row, field: value}])

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            *(("id", value) for value in (2**63, -(2**63) - 1, 2**70)),
            *(("owner_id", value) for value in (2**63, -(2**70))),
            *(("name", value) for value in ("\ud800", "é\udfff")),
        ],
    )
    def test_what_no_database_takes(self, row, field, value):
        with pytest.raises(BadRow, match=f"^purchases.Purchase .*, {field}: "):
            Table.of(Purchase).instance({**row, field: value})

    @pytest.mark.parametrize(
        "value", [["\ud800"], {"\ud800": 1}, {"a": [float("nan")]}, [1e400], float("inf")]
    )
    def test_what_is_no_json(self, value):
        row = row_of(ImportPreset.objects.create(owner=UserFactory(), name="Bank", choices={}))
        with pytest.raises(BadRow, match=r"choices: "):
            Table.of(ImportPreset).instance({**row, "choices": value})

    @pytest.mark.parametrize(
        ("field", "value"), [("name", "x" * 1_000), ("name", "a\0b"), ("version", 2**40)]
    )
    def test_what_only_postgresql_refuses(self, row, field, value):
        table = Table.of(Purchase)
        if connection.vendor == "postgresql":
            with pytest.raises(BadRow, match=f"^purchases.Purchase .*, {field}: "):
                table.instance({**row, field: value})
        else:
            table.load([{**row, field: value}])
            assert row_of(Purchase.objects.get())[field] == value

    def test_the_same_row_twice(self, row):
        with pytest.raises(BadRow, match=r"^purchases\.Purchase, one of "):
            Table.of(Purchase).load([row, row])

    @pytest.mark.django_db(transaction=True)
    def test_a_row_that_points_at_nothing(self, row):
        with transaction.atomic():
            Table.of(Purchase).load([row])
            check_references()
            User.objects.all()._raw_delete("default")
            with pytest.raises(BadRow):
                check_references()
            transaction.set_rollback(True)


def test_no_signal_makes_rows_of_its_own():
    """A budget comes with a new user; with one that is read from a file it comes from there."""
    user = UserFactory()
    kept = lines([Table.of(User)])
    erase(tables())
    load([Table.of(User)], kept)
    assert list(User.objects.values_list("pk", flat=True)) == [user.pk]
    assert not Budget.objects.exists()


def test_entries_that_are_read_again_stay_immutable():
    budget = make_budget(now=NOW)
    record(budget, "1.50", now=NOW)
    there_and_back(Entry)
    assert Entry.objects.get().amount == Decimal("1.5")


def test_papers_keep_their_names():
    AttachmentFactory(name="a/b \N{SNOWMAN} …  .png")
    there_and_back(Attachment)
    assert Attachment.objects.get().name == "a/b \N{SNOWMAN} …  .png"
