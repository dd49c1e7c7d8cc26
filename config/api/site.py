"""The one NinjaAPI."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from budgets.api import router as budgets
from config.api import document, refusals
from config.api.asking import refuse_unknown_filters
from config.api.data import router as data
from occasions.api import router as occasions
from people.api import router as people
from purchases.api import router as purchases

_ABOUT = (
    "Everything that the pages can do, for programs. Amounts are decimal strings, in the base"
    " currency unless another stands beside them; times are ISO 8601 with an offset; what goes"
    " wrong is told as problem details (RFC 9457)."
)


class Site(NinjaAPI):
    """The API, describing itself with what all of its operations have in common."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        document.complete(schema, self)
        return schema

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Name an operation for generated clients: its tag and what it does, `budget_status`."""
        tag = (operation.tags or ["api"])[0]
        return f"{tag}_{operation.view_func.__name__}".lower().replace(" ", "_")


api = Site(
    title="Pursestrings",
    version="1",
    description=_ABOUT,
    urls_namespace="api",
    docs_url="/docs/try",
)
refusals.register(api)
for router in (people, budgets, occasions, purchases, data):
    api.add_router("", router)
refuse_unknown_filters(api)
