"""What is wrong with a field, in plain words."""

from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from people.programs.wording import sentence


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    needed: int

    @field_validator("needed")
    @classmethod
    def even(cls, value: int) -> int:
        if value % 2:
            raise ValueError("Send an even one")
        return value


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@pytest.mark.parametrize(
    ("kind", "sent", "said"),
    [
        (Inner, 5, "Send an object."),
        (Inner, {}, "This is needed."),
        (Inner, {"needed": 2, "other": 1}, "There is no such key."),
        (Inner, {"needed": 1}, "Send an even one."),
        (dict[str, int], [], "Send an object."),
        (list[int], {}, "Send a list."),
        (
            Annotated[list[int], Field(max_length=1000)],
            [1] * 1001,
            "At most 1,000 are taken at once.",
        ),
        (Annotated[list[int], Field(min_length=1)], [], "Send at least 1."),
        (str, 5, "Send text."),
        (Annotated[str, Field(pattern="^a")], "half \ud800", "It holds half a character."),
        (Annotated[str, Field(max_length=2000)], "x" * 2001, "Use at most 2,000 characters."),
        (Annotated[str, Field(min_length=1)], "", "Use 1 or more characters."),
        (Annotated[str, Field(pattern="^a$")], "b", "It does not have the form that is asked for."),
        (int, "x", "Send a whole number."),
        (int, None, "Send a whole number."),
        (int, 1.5, "Send a whole number."),
        (int, "9" * 5000, "The number is too large."),
        (bool, "maybe", "Send true or false."),
        (bool, [], "Send true or false."),
        (float, "x", "Send a number."),
        (Literal["a", "b", "c"], "d", "Choose one of a, b or c."),
        (Colour, "green", "Choose one of red or blue."),
        (Annotated[int, Field(ge=1)], 0, "Send 1 or more."),
        (Annotated[int, Field(gt=1)], 1, "Send more than 1."),
        (Annotated[int, Field(le=86_400)], 86_401, "Send at most 86,400."),
        (Annotated[int, Field(lt=5)], 5, "Send less than 5."),
        (bytes, 5, "It does not have the form that is asked for."),
    ],
)
def test_an_error_is_told_without_the_words_of_pydantic(kind: Any, sent: Any, said: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        TypeAdapter(kind).validate_python(sent)
    [error] = wrong.value.errors()
    assert sentence(error) == said
