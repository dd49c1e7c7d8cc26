"""Lists in pages: what is asked for, and what is told besides."""

import pytest
from pydantic import ValidationError

from people.models import Person
from people.programs.paging import Paging

ROWS = [*range(45)]


@pytest.mark.parametrize(
    ("asked", "items"),
    [
        ({}, ROWS[:20]),
        ({"skip": 40}, ROWS[40:]),
        ({"skip": 44, "limit": 1}, [44]),
        ({"skip": 45}, []),
        ({"skip": 1_000_000_000}, []),
        ({"limit": 100}, ROWS),
    ],
)
def test_a_part_is_told_with_the_total(asked, items):
    paging = Paging(**asked)
    assert paging.cut(ROWS, lambda row: row) == {
        "items": items,
        "total": 45,
        "skip": paging.skip,
        "limit": paging.limit,
    }


@pytest.mark.parametrize(
    "asked", [{"skip": -1}, {"skip": 1_000_000_001}, {"limit": 0}, {"limit": 101}]
)
def test_what_is_out_of_bounds_is_refused(asked):
    with pytest.raises(ValidationError):
        Paging(**asked)


@pytest.mark.django_db
def test_rows_beyond_the_last_are_not_even_asked_for(django_assert_num_queries):
    Person.objects.create(name="Ann")
    with django_assert_num_queries(2):
        assert Paging(skip=0, limit=20).cut(Person.objects.all(), str)["items"] == ["Ann"]
    with django_assert_num_queries(1):
        assert Paging(skip=1, limit=20).cut(Person.objects.all(), str)["items"] == []
