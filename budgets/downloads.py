"""CSV of what a list shows: the ticked rows by an action, or all that the filters leave."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from budgets import sheets

#: How many rows are read at once.
CHUNK = 2_000


@admin.action(description="Download CSV")
def download_csv(
    console: "Downloadable[Any]", request: HttpRequest, chosen: QuerySet[Any]
) -> HttpResponseBase:
    return console.download(chosen)


class Downloadable[M: Model](admin.ModelAdmin[M]):
    """A list that can be had as CSV, read and sent bit by bit."""

    header: Iterable[str]

    def cells(self, rows: QuerySet[M]) -> Iterator[Sequence[object]]:
        """Yield the cells of each row, in the order of the header."""
        raise NotImplementedError

    def download(self, rows: QuerySet[M]) -> HttpResponseBase:
        name = f"{self.opts.verbose_name_plural}-{timezone.now():%Y-%m-%d}.csv"
        return StreamingHttpResponse(
            sheets.stream(list(self.header), self.cells(rows)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def download_view(self, request: HttpRequest) -> HttpResponseBase:
        """Send every row that the search and the filters of the query string leave."""
        try:
            return self.download(self.get_changelist_instance(request).get_queryset(request))
        except IncorrectLookupParameters:
            return redirect(reverse(f"admin:{self._list_name}_changelist"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.download_view)
        return [path("csv/", view, name=f"{self._list_name}_csv"), *super().get_urls()]

    @property
    def _list_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}"
