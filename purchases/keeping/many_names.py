"""Many names at once, each row held until the transaction ends, as `names.named` does for one."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from occasions.access import viewer_of
from purchases.keeping.names import FIELDS, Writer, link_of, write_anew
from purchases.models import Brand, Purchase, Retailer, Tag
from purchases.naming import fold, tidy


def named_many[N: (Retailer, Brand, Tag)](
    model: type[N],
    names: Iterable[str],
    *,
    writer: Writer,
    unspelled: Iterable[str] = (),
    links: Mapping[str, str] | None = None,
) -> dict[str, N]:
    """Return the rows of these names by their folded names, in the order of the database.

    Of several spellings the first counts. `links` are websites by folded names: one is kept where
    there is none and nobody wrote the name down on its own page. A name that is only `unspelled` is
    left as it is written where it is there already. The names are of a right length.
    """
    spelled = _wanted(names)
    wanted = _wanted(unspelled) | spelled
    if not wanted:
        return {}
    # An upsert holds what is there and makes what is not, in the one order that everybody keeps.
    # To set the key to what it is changes nothing.
    model.objects.bulk_create(
        [model(key=key, name=wanted[key]) for key in sorted(wanted)],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["key"],
    )
    rows = {row.key: row for row in model.objects.filter(key__in=wanted)}
    _spell({key: rows[key] for key in spelled}, spelled, links or {}, writer)
    return rows


def _wanted(names: Iterable[str]) -> dict[str, str]:
    """Return the first spelling of each name, by the folded names."""
    wanted: dict[str, str] = {}
    for name in names:
        if key := fold(name):
            wanted.setdefault(key, tidy(name))
    return wanted


def _spell[N: (Retailer, Brand, Tag)](
    rows: Mapping[str, N], wanted: Mapping[str, str], links: Mapping[str, str], writer: Writer
) -> None:
    """Write what the `writer` cannot know of as they do: its own spelling would tell them of it."""
    if not rows:
        return
    model = type(next(iter(rows.values())))
    differing = [
        row
        for key, row in rows.items()
        if row.name != wanted[key] or link_of(row) != links.get(key, "")
    ]
    known = _known(model, differing, writer)
    changed = []
    for row in differing:
        link = links.get(row.key, "")
        if row.pk in known and (_is_listed(row) or link_of(row) or not link):
            continue
        write_anew(row, row.name if row.pk in known else wanted[row.key], link)
        changed.append(row)
    if changed:
        fields = [name for name in ("name", "link") if hasattr(model, name)]
        model.objects.bulk_update(changed, fields)


def _known[N: (Retailer, Brand, Tag)](
    model: type[N], rows: Iterable[N], writer: Writer
) -> set[int]:
    """Return the keys of those that are listed, or that a purchase has which `writer` may see."""
    asked = {row.pk for row in rows}
    if not asked:
        return set()
    field = FIELDS[model]
    seen = Purchase.objects.live().visible_to(viewer_of(writer.user, now=writer.now))
    theirs: QuerySet[Any, Any] = (
        seen.filter(Q(**{f"{field}__in": asked})).order_by().values_list(field, flat=True)
    )
    return asked & {*theirs.distinct(), *(row.pk for row in rows if _is_listed(row))}


def _is_listed(row: Retailer | Brand | Tag) -> bool:
    return isinstance(row, Retailer | Brand) and row.listed
