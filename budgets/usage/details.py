"""What the price of tokens depends on besides the three counts that the ledger keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Counts with a price of their own, as the price list names them, and what people call them.
#: Those written to the cache for an hour are among those written to it.
KINDS = {
    "cache_write_tokens": "tokens written to the cache",
    "cache_write_1h_tokens": "tokens written to the cache for an hour",
    "input_audio_tokens": "audio input tokens",
    "cache_audio_read_tokens": "cached audio input tokens",
    "output_audio_tokens": "audio output tokens",
    "input_image_tokens": "image input tokens",
    "cache_image_read_tokens": "cached image input tokens",
    "output_image_tokens": "image output tokens",
    "web_searches": "web searches",
}


@dataclass(frozen=True, slots=True)
class Lengths:
    """Between how many input tokens each request of a sum had; `longest` None has no end."""

    shortest: int
    longest: int | None


@dataclass(frozen=True, slots=True)
class Detail:
    """What else was counted, on which terms, and how long the requests were.

    `kinds` are counts of KINDS. `terms` are circumstances as the price list names them, such as
    processing: batch. `lengths` are told of a sum of requests; without them it is one request.
    """

    kinds: Mapping[str, int] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)
    lengths: Lengths | None = None

    def __bool__(self) -> bool:
        """Tell whether there is anything to say."""
        return bool(self.kinds or self.terms or self.lengths)

    def as_json(self) -> dict[str, Any]:
        """Return the detail as JSON holds it; what it does not say is left out."""
        lengths = self.lengths and [self.lengths.shortest, self.lengths.longest]
        said = {"kinds": dict(self.kinds), "terms": dict(self.terms), "lengths": lengths}
        return {name: value for name, value in said.items() if value}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Detail":
        """Return what `as_json` wrote."""
        lengths = written.get("lengths")
        return cls(
            kinds=written.get("kinds", {}),
            terms=written.get("terms", {}),
            lengths=Lengths(*lengths) if lengths else None,
        )


#: One plain request: what nearly every row is.
PLAIN = Detail()
