"""Every address that the app answers, found in its URL patterns."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils.regex_helper import normalize

from budgets.models import Hold
from occasions.models import Gift, Occasion
from people.models import ApiToken, Person, User
from purchases.models import (
    Attachment,
    Brand,
    ImportBatch,
    ImportPreset,
    Purchase,
    Retailer,
    UndoStep,
    Warranty,
)

#: What stands in an address where its pattern has a parameter; any other is "1".
SAMPLES = {
    "app_label": "budgets",
    "uidb64": "MQ",
    "token": "abc-def",
    "what": "retailer",
    "key": "abc",
    "name": "pursestrings-20260715T120000Z-manual.zip",
    "slug": "budget",
}

#: Whose key stands for a parameter of a namespace.
_KEYS: dict[str, type[Model]] = {
    "people pk": ApiToken,
    "persons pk": Person,
    "occasions pk": Occasion,
    "occasions person_id": Person,
    "gifts pk": Gift,
    "purchases pk": Purchase,
    "purchases step": UndoStep,
    "files pk": Attachment,
    "files purchase": Purchase,
    "warranties pk": Warranty,
    "warranties purchase": Purchase,
    "retailers pk": Retailer,
    "brands pk": Brand,
    "imports pk": ImportBatch,
    "imports preset": ImportPreset,
    "admin id": User,
    "api hold_id": Hold,
    "api user_id": User,
    "api person_id": Person,
    "api occasion_id": Occasion,
    "api gift_id": Gift,
    "api purchase_id": Purchase,
    "api warranty_id": Warranty,
    "api attachment_id": Attachment,
    "api retailer_id": Retailer,
    "api brand_id": Brand,
    "api import_id": ImportBatch,
    "api preset_id": ImportPreset,
    "api step_id": UndoStep,
}


@dataclass(frozen=True)
class Address:
    """One URL pattern: its template, and its full name ("" when it has none)."""

    template: str
    name: str

    @property
    def parameters(self) -> list[str]:
        return [part.partition(")s")[0] for part in self.template.split("%(")[1:]]

    @property
    def keys(self) -> dict[str, type[Model]]:
        """Whose keys stand in it, by parameter; what names no row is left out."""
        space, _, name = self.name.partition(":")
        keys = {}
        for parameter in self.parameters:
            if parameter == "object_id" and name:
                keys[parameter] = apps.get_model(*name.split("_")[:2])
            elif model := _KEYS.get(f"{space} {parameter}"):
                keys[parameter] = model
        return keys

    @property
    def path(self) -> str:
        """A path that leads to it."""
        return self.at()

    def at(self, **values: object) -> str:
        """Return the path with these values, and samples for all others."""
        samples = {**dict.fromkeys(self.parameters, "1"), **SAMPLES}
        return self.template % {**samples, **values}


def addresses() -> Iterator[Address]:
    """Yield every pattern of the app; a path that would lead elsewhere is an error of the tests."""
    for pattern, template, names in _patterns(get_resolver(), "/", ()):
        address = Address(template, ":".join(names))
        assert resolve(address.path).func is pattern.callback, f"{template} leads to another view"
        yield address


def _patterns(
    resolver: URLResolver, prefix: str, names: tuple[str, ...]
) -> Iterator[tuple[URLPattern, str, tuple[str, ...]]]:
    for pattern in resolver.url_patterns:
        template = prefix + normalize(pattern.pattern.regex.pattern)[0][0]
        if isinstance(pattern, URLResolver):
            namespace = (pattern.namespace,) if pattern.namespace else ()
            yield from _patterns(pattern, template, names + namespace)
        else:
            yield pattern, template, (*names, pattern.name) if pattern.name else ()
