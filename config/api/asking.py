"""What is asked that nobody knows: a filter that is spelt wrong must not tell of everything."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from ninja import NinjaAPI
from ninja.operation import Operation

from people.programs.problems import Refused, invalid


def refuse_unknown_filters(api: NinjaAPI) -> None:
    """Let every operation refuse what stands in a query and is none of its own."""
    for bound in api._get_bound_routers():
        for view in bound.path_operations.values():
            for operation in view.operations:
                operation.view_func = _knowing(operation)


def _knowing(operation: Operation) -> Callable[..., Any]:
    known, view = filters_of(operation), operation.view_func

    # Around the view, which is asked last: who may not ask at all is told that first.
    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if unknown := sorted(request.GET.keys() - known):
            raise Refused(
                invalid({f"query.{name}": ["There is no such filter."] for name in unknown})
            )
        return view(request, *args, **kwargs)

    return asked


def filters_of(operation: Operation) -> set[str]:
    """Return the names that may stand in the query of an operation."""
    return {
        name
        for model in operation.models
        if model.__ninja_param_source__ == "query"
        for name in model.__ninja_flatten_map__
    }
