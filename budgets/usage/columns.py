"""Which column of a usage file holds which field."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

#: The names under which each field is known, spelt as `_plain` spells them.
SYNONYMS: dict[str, frozenset[str]] = {
    "occurred_at": frozenset(
        {"occurredat", "timestamp", "time", "date", "createdat", "starttime", "usagedateutc"}
    ),
    "input_tokens": frozenset(
        {"inputtokens", "prompttokens", "contexttokens", "genai.usage.inputtokens"}
    ),
    "output_tokens": frozenset(
        {"outputtokens", "completiontokens", "generatedtokens", "genai.usage.outputtokens"}
    ),
    "cached_tokens": frozenset(
        {"cachedtokens", "cachereadtokens", "inputcachedtokens"}
        | {"genai.usage.cachereadtokens", "genai.usage.cacheread.inputtokens"}
    ),
    "cache_write_tokens": frozenset(
        {"cachewritetokens", "cachecreationtokens", "genai.usage.cachecreation.inputtokens"}
    ),
    "cost": frozenset({"cost", "spend", "amount", "price"}),
    "provider": frozenset({"provider", "customllmprovider", "genai.provider.name"}),
    "model": frozenset({"model", "genai.request.model"}),
    "operation": frozenset({"operation", "calltype", "genai.operation.name"}),
    "event_id": frozenset({"eventid", "requestid", "id"}),
}


class BadColumns(ValueError):
    """The columns do not say which is which; the message says why and what to do.

    `hint` is what to do: the option of the command, which means nothing on a page.
    """

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason + hint)
        self.reason, self.hint = reason, hint


class Header(Protocol):
    """What the header of a table is to say."""

    def check(self, names: Sequence[str]) -> dict[str, int]:
        """Return where each field stands among `names`. Raises BadColumns when one is missing."""


@dataclass(frozen=True, slots=True)
class Known:
    """The columns of an export that is always the same, under their own names in any case."""

    what: str
    needed: Sequence[str]
    others: Sequence[str]

    def check(self, names: Sequence[str]) -> dict[str, int]:
        plain = [name.strip().lower() for name in names]
        wanted = {name.lower(): name for name in (*self.needed, *self.others)}
        found = {wanted[name]: place for place, name in enumerate(plain) if name in wanted}
        if missing := [name for name in self.needed if name not in found]:
            raise BadColumns(f"This is not {self.what}: the header has no {', '.join(missing)}.")
        if twice := [name for low, name in wanted.items() if plain.count(low) > 1]:
            raise BadColumns(f"The header has {twice[0]} twice.")
        return found


@dataclass(frozen=True, slots=True)
class Columns:
    """The choices of one import: field to column name, where an empty name means "none".

    Fields without a choice are recognised by their usual names, whatever the case and whether the
    words are joined by spaces, underscores, hyphens or nothing.
    """

    chosen: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, texts: Iterable[str]) -> "Columns":
        """Read choices such as "occurred_at=When,cost=Total". Raises BadColumns."""
        chosen: dict[str, str] = {}
        for text in texts:
            # A comma inside a column's name is not followed by a field and an equals sign.
            for choice in re.split(r",(?=\s*\w+=)", text):
                name, equals, column = choice.partition("=")
                name = name.strip()
                if not equals or name not in SYNONYMS:
                    raise BadColumns(
                        f"“{choice}” is not FIELD=COLUMN; the fields are {', '.join(SYNONYMS)}."
                    )
                if name in chosen:
                    raise BadColumns(f"{name} is given two columns.")
                chosen[name] = column.strip()
        return cls(chosen)

    def places(self, names: Sequence[str]) -> dict[str, int]:
        """Return where each field stands among `names`; a field that is not there is left out.

        Raises BadColumns when two columns could be the same field: nothing is guessed.
        """
        plain = [_plain(name) for name in names]
        taken = {_plain(column) for column in self.chosen.values()}
        found: dict[str, int] = {}
        for known, synonyms in SYNONYMS.items():
            if known in self.chosen:
                wanted = frozenset({_plain(self.chosen[known])} - {""})
            else:
                wanted = synonyms - taken
            places = [place for place, name in enumerate(plain) if name in wanted]
            if len(places) > 1:
                both = " and ".join(f"“{names[place]}”" for place in places)
                raise BadColumns(
                    f"{both} could each be {known}", f": choose with --columns {known}=NAME."
                )
            if places:
                found[known] = places[0]
        return found

    def check(self, names: Sequence[str]) -> dict[str, int]:
        """Return the places in a header. Raises BadColumns also for a field that is not there."""
        places = self.places(names)
        shown = ", ".join(names)
        for known, column in self.chosen.items():
            if column and known not in places:
                raise BadColumns(f"The header has no column “{column}”: {shown}")
        if missing := self.missing_from(places):
            hint = " Name it with --columns FIELD=COLUMN."
            raise BadColumns(f"In the header {missing}: {shown}.", hint)
        return places

    def missing_from(self, found: Iterable[str]) -> str:
        """Say which necessary fields are not among `found`; "" when nothing is missing."""
        found = set(found)
        if "occurred_at" not in found:
            return "no column tells when it happened (occurred_at)"
        if not found & {"cost", "input_tokens", "output_tokens"}:
            return "no column tells a cost or tokens (cost, input_tokens, output_tokens)"
        return ""


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()
