"""Which column of a usage file holds which field."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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
    "cost": frozenset({"cost", "spend", "amount", "price"}),
    "provider": frozenset({"provider", "customllmprovider", "genai.provider.name"}),
    "model": frozenset({"model", "genai.request.model"}),
    "operation": frozenset({"operation", "calltype", "genai.operation.name"}),
    "event_id": frozenset({"eventid", "requestid", "id"}),
}


class BadColumns(ValueError):
    """The columns do not say which is which; the message says why and what to do."""


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
                    f"{both} could each be {known}: choose with --columns {known}=NAME."
                )
            if places:
                found[known] = places[0]
        return found

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
