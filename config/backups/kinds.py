"""Content types and permissions, which every installation numbers by itself.

They stay when everything else is replaced: other processes keep the numbers in mind.
"""

from collections.abc import Callable, Iterable, Iterator

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import ForeignKey, Model

from config.portable.tables import Row, Table

KEPT: tuple[type[Model], ...] = (ContentType, Permission)


class Kinds:
    """Which number each kind has here, by the number that it has in a backup."""

    def __init__(self, rows: Callable[[Table], Iterator[Row]]) -> None:
        """Look at the rows of `KEPT`, and store those that are not here yet."""
        self._types = _numbers(rows(Table.of(ContentType)), ContentType, "app_label", "model")
        permissions = self.renumbered(Table.of(Permission), rows(Table.of(Permission)))
        self._permissions = _numbers(
            permissions, Permission, "content_type_id", "codename", also="name"
        )

    def renumbered(self, table: Table, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield rows that point at kinds as they are numbered here."""
        numbers = {
            field.attname: self._of(field.remote_field.model)
            for field in table.fields
            if isinstance(field, ForeignKey) and field.remote_field.model in KEPT
        }
        for row in rows:
            yield row | {name: here.get(row[name]) for name, here in numbers.items()}

    def _of(self, model: type[Model]) -> dict[int, int]:
        return self._types if model is ContentType else self._permissions


def _numbers(rows: Iterable[Row], model: type[Model], *key: str, also: str = "") -> dict[int, int]:
    """Return the numbers here by those of the rows; two with the same `key` are the same."""
    stored = model._base_manager.all()
    here = {tuple(one[:-1]): one[-1] for one in stored.values_list(*key, "pk")}
    found = {}
    for row in rows:
        natural = tuple(row[name] for name in key)
        if natural not in here:
            values = {name: row[name] for name in (*key, also) if name}
            here[natural] = model._base_manager.create(**values).pk
        found[row["id"]] = here[natural]
    return found
