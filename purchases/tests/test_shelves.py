"""The shelf: what is laid aside is found again, in order, whatever it holds."""

import tracemalloc
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from purchases.importing.shelves import MOST, Shelf, Times, TooMany, kept


@pytest.fixture
def shelf():
    with Shelf() as shelf:
        yield shelf


def test_what_lies_under_a_key_comes_back_in_its_order(shelf):
    for place, (key, what) in enumerate([("1", "b"), ("2", "x"), ("1", "a")], start=1):
        shelf.lay("warranties", key, place, {"what": what})
    shelf.lay("files", "1", 9, {"what": "y"})
    found = shelf.of("warranties", "1")
    assert [(one.kind, one.key, one.place, one.said["what"]) for one in found] == [
        ("warranties", "1", 1, "b"),
        ("warranties", "1", 3, "a"),
    ]
    assert shelf.of("warranties", "3") == []


def test_what_is_laid_later_is_found_too(shelf):
    assert shelf.of("files", "1") == []
    shelf.lay("files", "1", 1, {})
    assert len(shelf.of("files", "1")) == 1


def test_more_than_a_record_can_have_is_told(shelf):
    for place in range(MOST):
        shelf.lay("files", "1", place, {})
    assert len(shelf.of("files", "1")) == MOST
    shelf.lay("files", "1", MOST, {})
    with pytest.raises(TooMany, match="more than 200 files"):
        shelf.of("files", "1")


def test_a_record_is_met_once(shelf):
    assert shelf.meet("1")
    assert shelf.meet("2")
    assert not shelf.meet("1")


def test_what_belongs_to_nothing_that_came_by_is_left_over(shelf):
    for place, key in enumerate(["1", "2", "3"], start=1):
        shelf.lay("files", key, place, {})
    shelf.meet("2")
    assert [one.key for one in shelf.unmet("files")] == ["1", "3"]
    assert [one.key for one in shelf.all("files")] == ["1", "2", "3"]
    assert list(shelf.all("warranties")) == []


@given(
    said=st.dictionaries(
        st.text(max_size=8), st.none() | st.booleans() | st.integers() | st.text(max_size=20)
    )
)
def test_a_record_comes_back_as_it_was_laid(said):
    with Shelf() as shelf:
        shelf.lay("any", "1", 1, said)
        assert shelf.of("any", "1")[0].said == said


def test_a_shelf_with_a_place_is_filled_once_and_again_when_it_is_gone(tmp_path):
    place, fillings = tmp_path / "kept", []

    def fill(shelf):
        fillings.append(1)
        shelf.lay("files", "1", 1, {"name": "a"})

    for _ in range(2):
        with kept(place, fill) as shelf:
            assert shelf.of("files", "1")[0].said == {"name": "a"}
            # What came by is of this reading only.
            assert shelf.meet("1")
    assert len(fillings) == 1
    place.unlink()
    with kept(place, fill) as shelf:
        assert list(shelf.unmet("files"))
    assert len(fillings) == 2
    assert list(tmp_path.iterdir()) == [place]


def test_a_shelf_that_could_not_be_filled_is_not_kept(tmp_path):
    def fill(shelf):
        shelf.lay("files", "1", 1, {})
        raise ValueError

    with pytest.raises(ValueError), kept(tmp_path / "kept", fill):  # noqa: PT011
        pass
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError), kept(tmp_path / "lost" / "kept", fill):
        pass


def test_what_comes_by_is_counted():
    with closing(Times()) as times:
        assert not times.has("a", "b")
        assert [times.next("a", "b"), times.next("a"), times.next("a", "b")] == [1, 1, 2]
        assert times.has("a", "b")


def test_ten_times_as_many_records_need_no_more_memory():
    def peak(count):
        tracemalloc.start()
        try:
            with Shelf() as shelf:
                for place in range(count):
                    shelf.lay("files", str(place % 500_000), place, {"name": "x" * 100})
                for key in range(count):
                    assert shelf.of("files", str(key))
                assert sum(1 for _ in shelf.unmet("files")) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)
    assert peak(20_000) <= 1.3 * peak(2_000)
