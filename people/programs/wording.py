"""What is wrong with a field, in this project's words: pydantic's name classes and patterns."""

from collections.abc import Mapping
from typing import Any

_OBJECT = "Send an object."
_WHOLE = "Send a whole number."
_NUMBER = "Send a number."
_TEXT = "Send text."
_YES_OR_NO = "Send true or false."
_CHOICE = "Choose one of {expected}."
_UNFIT = "It does not have the form that is asked for."

#: By the kind of error; what it says of the error fills the gaps.
_WORDS: Mapping[str, str] = {
    "missing": "This is needed.",
    "extra_forbidden": "There is no such key.",
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "list_type": "Send a list.",
    "string_type": _TEXT,
    "string_unicode": "It holds half a character.",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": "The number is too large.",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _YES_OR_NO,
    "bool_parsing": _YES_OR_NO,
    "literal_error": _CHOICE,
    "enum": _CHOICE,
    "greater_than": "Send more than {gt}.",
    "greater_than_equal": "Send {ge} or more.",
    "less_than": "Send less than {lt}.",
    "less_than_equal": "Send at most {le}.",
    "too_long": "At most {max_length} are taken at once.",
    "too_short": "Send at least {min_length}.",
    "string_too_long": "Use at most {max_length} characters.",
    "string_too_short": "Use {min_length} or more characters.",
}


def sentence(error: Mapping[str, Any]) -> str:
    """Say what is wrong, from an error as pydantic tells it."""
    if error["type"] == "value_error":
        # Those are this project's own words.
        said = str(error["msg"]).removeprefix("Value error, ")
        return said if said.endswith(".") else f"{said}."
    told = {name: _shown(value) for name, value in error.get("ctx", {}).items()}
    return _WORDS.get(error["type"], _UNFIT).format_map(told)


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value).replace("'", "")
