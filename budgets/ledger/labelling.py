"""Writing anew what postings were for; their figures stay as they were posted."""

from collections.abc import Iterable

from budgets.models import Entry


def relabel(*, entries: Iterable[Entry], memo: str) -> None:
    """Give these entries another memo: a label that may have to say less than it did."""
    Entry.objects.filter(pk__in=[entry.pk for entry in entries]).update(memo=memo)
