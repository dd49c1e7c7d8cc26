"""Every address that the app answers, found in its URL patterns."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.utils.regex_helper import normalize

#: What stands in an address where its pattern has a parameter; any other is "1".
SAMPLES = {"app_label": "budgets", "uidb64": "MQ", "token": "abc-def"}


@dataclass(frozen=True)
class Address:
    """One URL pattern: a path that leads to it, and its full name ("" when it has none)."""

    path: str
    name: str


def addresses() -> Iterator[Address]:
    """Yield every pattern of the app; a path that would lead elsewhere is an error of the tests."""
    for pattern, template, names in _patterns(get_resolver(), "/", ()):
        path = template % {**dict.fromkeys(_parameters(template), "1"), **SAMPLES}
        assert resolve(path).func is pattern.callback, f"{path} leads to another view"
        yield Address(path, ":".join(names))


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


def _parameters(template: str) -> list[str]:
    return [part.partition(")s")[0] for part in template.split("%(")[1:]]
