"""JSON of usage as a stream of objects, whichever way they are wrapped."""

import io
import json
import tracemalloc

import pytest

from budgets.usage.documents import DEEPEST, Object, objects
from budgets.usage.files import LONGEST_LINE, BadFile, Problem


def found(content):
    data = content if isinstance(content, bytes) else content.encode()
    return list(objects(io.BytesIO(data)))


def members(content):
    everything = found(content)
    assert all(isinstance(one, Object) for one in everything), everything
    return [one.members for one in everything]


ONE, TWO = {"a": 1}, {"a": [2, {"b": None}]}
EACH = [ONE, TWO]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(EACH),
        json.dumps(EACH, indent=2),
        "\ufeff" + json.dumps(EACH),
        f"{json.dumps(ONE)}\n\n{json.dumps(TWO)}\n",
        f"{json.dumps(ONE)}\r\n{json.dumps(TWO)}",
        f"{json.dumps(ONE, indent=2)}\n{json.dumps(TWO, indent=2)}",
        json.dumps({"object": "page", "data": EACH, "has_more": False}),
        json.dumps([{"data": [ONE]}, {"data": []}, {"data": [TWO]}]),
        f"{json.dumps({'data': [ONE]})}\n{json.dumps({'data': [TWO]})}\n",
        json.dumps({"data": [ONE]}, indent=1) + json.dumps({"data": [TWO]}, indent=1),
    ],
    ids=range(10),
)
def test_objects_are_found_however_they_are_wrapped(content):
    assert members(content) == EACH


def test_the_place_of_an_object_is_its_line_or_its_number():
    assert [one.line for one in found('{"a": 1}\n\n{"a": 2}\n')] == [1, 3]
    assert [one.line for one in found('[\n\n{"a": 1},\n\n{"a": 2}]')] == [1, 2]


def test_numbers_keep_every_digit():
    [one] = members('[{"spend": 0.1000000000000000055511151231257827}]')
    assert str(one["spend"]) == "0.1000000000000000055511151231257827"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "The file is empty."),
        (" \n ", "The file is empty."),
        ("time,cost\n", "The file is not JSON."),
        ('"x"', "The file is not JSON."),
        ("null", "The file is not JSON."),
        ("[]".encode("utf-16"), "The file is UTF-16; save it as UTF-8."),
    ],
)
def test_a_file_without_objects_is_refused_whole(content, reason):
    with pytest.raises(BadFile) as refused:
        found(content)
    assert str(refused.value) == reason


def test_a_header_of_json_without_objects_holds_nothing():
    assert found("[]") == []
    assert found('{"data": []}') == []


@pytest.mark.parametrize(
    "rest",
    [
        '{"a": ',
        "nonsense",
        '{"a": NaN}',
        '{"a": 1e999999999999999999999}',
        '{"a": "\xff"}',
        "9" * 5000,
    ],
    ids=range(6),
)
def test_what_stands_before_a_fault_is_read_and_nothing_behind_it(rest):
    rest = rest.encode("latin-1")
    one, problem = found(b'[{"a": 1}, ' + rest + b', {"a": 3}]')
    assert one == Object(1, {"a": 1})
    assert problem == Problem(2, "is not JSON; nothing from here on can be read")


def test_on_lines_a_fault_spoils_its_own_line():
    one, problem, three = found('{"a": 1}\n{oops\n{"a": 3}\n')
    assert (one.line, three.line) == (1, 3)
    assert problem == Problem(2, "is not JSON")


def test_what_is_no_object_spoils_itself_alone():
    kinds = [type(one) for one in found('[1, {"a": 1}, "x", {"data": [2, {"a": 2}]}]')]
    assert kinds == [Problem, Object, Problem, Problem, Object]
    assert found('{"a": 1}\n[1]\n{"data": [7]}')[1:] == [
        Problem(2, "is not a JSON object"),
        Problem(3, "is not a JSON object"),
    ]


@pytest.mark.parametrize("opening", ["[", '{"b":'])
def test_what_is_nested_too_deeply_spoils_itself_alone(opening):
    closing = "]" if opening == "[" else "}"
    deep = opening * 10_000 + "1" + closing * 10_000
    first, problem, last = found(f'[{{"a": 1}}, {{"a": {deep}}}, {{"a": 3}}]')
    assert problem == Problem(2, "is nested too deeply")
    assert (first.members, last.members) == ({"a": 1}, {"a": 3})
    as_deep = "[" * DEEPEST + "]" * DEEPEST
    assert len(members(f'[{{"a": {as_deep}}}]')) == 1


def test_an_object_without_end_is_not_kept_in_memory():
    start, part = b'[{"a": 1}, {"a": [  ', b'"x", '

    class Endless(io.RawIOBase):
        given = 0

        def read(self, size=-1):
            begin, self.given = self.given, self.given + size
            if begin < len(start):
                return (start + part * size)[begin : begin + size]
            return (part * (size // len(part) + 2))[begin % len(part) :][:size]

    stream = Endless()
    first, problem = list(objects(stream))
    assert first.members == {"a": 1}
    assert problem == Problem(2, "is too long to be usage; nothing from here on is read")
    assert stream.given < 2 * LONGEST_LINE


def peak(content):
    """Return the bytes that reading took at most, without those of the content."""
    stream = io.BytesIO(content)
    tracemalloc.start()
    try:
        assert sum(1 for _ in objects(stream))
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("wrap", [json.dumps, lambda each: json.dumps({"data": each})])
def test_ten_times_the_objects_take_no_more_memory(wrap):
    def of(count):
        each = [{"n": n, "text": "x" * 200, "inner": {"n": n}} for n in range(count)]
        return wrap(each).encode()

    few, many = of(2_000), of(20_000)
    peak(few)
    assert peak(many) <= 1.3 * peak(few)
