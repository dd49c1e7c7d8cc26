"""A snapshot is of one moment, whatever is written meanwhile, and keeps nobody from writing."""

import pytest
from django.db import DatabaseError, connection, connections, transaction

from budgets.tests.threads import together
from config.portable.snapshots import snapshot
from people.models import Person


def names(alias: str) -> list[str]:
    return list(Person.objects.using(alias).values_list("name", flat=True))


def write(name: str) -> None:
    Person.objects.create(name=name)


class TestBesideWriters:
    pytestmark = pytest.mark.django_db(transaction=True)

    def test_what_is_written_meanwhile_is_not_seen(self):
        write("Ann")
        with snapshot() as alias:
            # The other one writes before anything was read here, and is not kept waiting.
            assert together([lambda: write("Ben")]) == [None]
            assert names(alias) == ["Ann"]
            Person.objects.filter(name="Ann").delete()
            assert names(alias) == ["Ann"]
        assert names("default") == ["Ben"]

    def test_it_waits_for_nobody_who_is_writing(self):
        write("Ann")
        with transaction.atomic():
            write("Ben")
            assert together([_names_of_a_moment]) == [["Ann"]]

    def test_two_have_a_moment_each(self):
        with snapshot() as first:
            write("Ann")
            with snapshot() as second:
                write("Ben")
                assert (names(first), names(second)) == ([], ["Ann"])

    def test_relations_are_of_the_moment_too(self):
        write("Ann")
        with snapshot() as alias:
            person = Person.objects.using(alias).get()
            Person.objects.update(name="Ben")
            person.refresh_from_db()
            assert (person.name, person._state.db) == ("Ann", alias)

    def test_nothing_is_written_through_it(self):
        with pytest.raises(DatabaseError), snapshot() as alias:
            Person.objects.using(alias).create(name="Ann")
        assert names("default") == []

    def test_its_connection_is_closed_after_a_failure_too(self):
        readers = []

        def fail() -> None:
            with snapshot() as alias:
                readers.append(connections[alias])
                raise ValueError("stop")

        with pytest.raises(ValueError, match="stop"):
            fail()
        assert [reader.connection for reader in readers] == [None]
        assert not hasattr(connections._connections, readers[0].alias)
        write("Ann")

    def test_no_pool_is_made_for_it(self, monkeypatch):
        monkeypatch.setitem(connection.settings_dict["OPTIONS"], "pool", {"min_size": 4})
        with snapshot() as alias:
            assert "pool" not in connections[alias].settings_dict["OPTIONS"]
        assert connection.settings_dict["OPTIONS"]["pool"] == {"min_size": 4}


@pytest.mark.django_db
def test_inside_a_transaction_it_sees_what_that_one_wrote():
    write("Ann")
    with snapshot() as alias:
        assert names(alias) == ["Ann"]


def _names_of_a_moment() -> list[str]:
    with snapshot() as alias:
        return names(alias)
