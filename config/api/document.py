"""What the OpenAPI document says beyond what its operations declare themselves."""

from collections.abc import Iterator
from typing import Any

from ninja import NinjaAPI

from config.api.bodies import complete_bodies
from people.models import Scope
from people.programs.callers import Token
from people.programs.once import HEADER
from people.programs.problems import MEDIA_TYPE, Problem

#: What a refusal means, by its status.
_PROBLEMS = {
    400: "The request cannot be read",
    401: "No token, or one that is wrong, expired or revoked",
    402: "Over budget, with the figures",
    403: "The token lacks the scope, or its owner the right",
    404: "Nothing is here, or nothing for whoever asks",
    409: "It contradicts what happened before",
    412: "If-Match names another version than the present one",
    413: "Too large",
    422: "Fields are wrong; each is named",
    429: "The token asked too often; Retry-After says for how long",
    503: "Too busy just now: nothing was stored, and asking again is safe",
    507: "The disk is full or fails: nothing was stored",
}
#: With which any operation may refuse.
ANY = frozenset({400, 401, 403, 404, 422, 429, 503})
#: What comes with an answer.
_WITH = {
    401: {"WWW-Authenticate": "How to say who asks."},
    429: {"Retry-After": "In how many seconds to ask again."},
}
_TAG = {"ETag": "Which version this is, for If-Match."}
_DOORS = {
    "Token": "A token from your account page. Each operation names the scope that it takes.",
    "Session": "Being signed in, as in the browser. What writes takes the header X-CSRFToken too.",
}
_IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "description": "The ETag that you have seen: if it was changed since, nothing happens (412).",
    "schema": {"type": "string", "maxLength": 255, "examples": ["*"]},
}
_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "A new one for every request: a repeat with the same is done once.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "pattern": "^[ -~]+$",
        "examples": ["8e03978e-40d5-43e8-bc93-6894a57f9324"],
    },
}


def complete(schema: dict[str, Any], api: NinjaAPI) -> None:
    """Add what operations have in common: scope, headers, and the problems any may answer with."""
    components = schema["components"]
    schemas = components["schemas"]
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schemas["Problem"].pop("$defs", {}))
    complete_bodies(schemas)
    components["responses"] = {f"Refused{status}": _problem(status) for status in _PROBLEMS}
    for name, door in components["securitySchemes"].items():
        door["description"] = _DOORS[name]
    scopes, versioned = _scopes(api), _versioned(schema)
    for method, operation in _operations(schema):
        operation["x-scope"] = scopes[operation["operationId"]]
        if 412 in operation["responses"]:
            operation["parameters"].append(_IF_MATCH)
        if method == "post" and _spends(operation):
            operation["parameters"].append(_IDEMPOTENCY_KEY)
        for answer in operation["responses"].values():
            if _shown(answer) in versioned:
                answer["headers"] = _headers(_TAG)
        _declare_problems(operation)


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for methods in schema["paths"].values():
        yield from methods.items()


def _spends(operation: dict[str, Any]) -> bool:
    """Tell whether a budget may have to pay. Files that wait for a purchase spend nothing yet."""
    if "multipart/form-data" in operation.get("requestBody", {}).get("content", {}):
        return False
    return operation["x-scope"] == Scope.SPEND or 402 in operation["responses"]


def _versioned(schema: dict[str, Any]) -> set[str]:
    """Return what is shown of the things that have versions: what changes them may answer 412."""
    return {
        shown
        for _, operation in _operations(schema)
        if 412 in operation["responses"]
        for answer in operation["responses"].values()
        if (shown := _shown(answer)) and not shown.endswith("/Problem")
    }


def _shown(answer: dict[str, Any]) -> str | None:
    """Return the reference to what an answer shows, if it is one thing that has a name."""
    content = answer.get("content", {}).get("application/json", {})
    return content.get("schema", {}).get("$ref")


def _headers(told: dict[str, str]) -> dict[str, Any]:
    return {
        name: {"description": text, "required": True, "schema": {"type": "string"}}
        for name, text in told.items()
    }


def _scopes(api: NinjaAPI) -> dict[str, str]:
    """Return the scope of every operation by its id."""
    found = {}
    for bound in api._get_bound_routers():
        for view in bound.path_operations.values():
            for operation in view.operations:
                token = next(a for a in operation.auth_callbacks if isinstance(a, Token))
                name = operation.operation_id or api.get_openapi_operation_id(operation)
                found[name] = str(token.scope)
    return found


def _declare_problems(operation: dict[str, Any]) -> None:
    """Let every refusal lead to the one description of its status."""
    answers = operation["responses"]
    told = {status: answers[status] for status in answers if status not in _PROBLEMS}
    for status in sorted(ANY | (_PROBLEMS.keys() & answers.keys())):
        told[status] = {"$ref": f"#/components/responses/Refused{status}"}
    operation["responses"] = {str(status): answer for status, answer in told.items()}


def _problem(status: int) -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answer: dict[str, Any] = {"description": _PROBLEMS[status], "content": content}
    if headers := _WITH.get(status):
        answer["headers"] = _headers(headers)
    return answer
