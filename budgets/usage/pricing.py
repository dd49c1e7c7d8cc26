"""What tokens cost: by the published prices of the genai-prices library, or by given ones.

The library carries its price list with it; nothing here reaches out to the network. Every cost is
worked out exactly and then rounded once, half to even, to the micro-unit.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import lru_cache
from typing import Protocol

from genai_prices import Usage, calc_price
from genai_prices.types import ModelInfo, ModelPrice

from budgets.money import MICRO

#: Wide enough for any number of tokens at any price without rounding on the way.
_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)
_PUBLISHED_IN = "USD"
_HINT = "give --input-price and --output-price"


class NoPrice(LookupError):
    """Nobody knows what these tokens cost; the message says why and what to do."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one use; `input` counts the `cached` ones too. Raises NoPrice when it cannot."""

    input: int
    output: int
    cached: int = 0

    def __post_init__(self) -> None:
        if self.cached > self.input:
            raise NoPrice(
                "cached_tokens: more than input_tokens; when they are counted apart,"
                " give --cached-tokens apart"
            )


class Prices(Protocol):
    """Something that can tell what tokens cost."""

    def cost(self, tokens: Tokens, *, provider: str, model: str, at: datetime) -> Decimal:
        """Return the cost in currency units with six places. Raises NoPrice."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices per million tokens. None is unknown; cached input then costs what input costs."""

    input: Decimal | None
    output: Decimal | None
    cached: Decimal | None = None

    def cost(self, tokens: Tokens, *, provider: str, model: str, at: datetime) -> Decimal:
        parts = (
            ("input", tokens.input - tokens.cached, self.input),
            ("cached input", tokens.cached, self.input if self.cached is None else self.cached),
            ("output", tokens.output, self.output),
        )
        with localcontext(_EXACT):
            total = Decimal(0)
            for name, count, rate in parts:
                if count and rate is None:
                    raise NoPrice(f"no price is known for {name} tokens of {model}; {_HINT}")
                total += count * (rate or 0)
            return total.scaleb(-6).quantize(MICRO)


@dataclass(frozen=True, slots=True)
class PublishedPrices:
    """The providers' list prices at the time of use, for an installation that counts in USD."""

    currency: str

    def cost(self, tokens: Tokens, *, provider: str, model: str, at: datetime) -> Decimal:
        if self.currency != _PUBLISHED_IN:
            raise NoPrice(
                f"prices are published in {_PUBLISHED_IN}, and budgets are in {self.currency};"
                f" {_HINT}"
            )
        if not provider or not model:
            raise NoPrice("without a cost it needs a provider and a model (--provider, --model)")
        prices = _published(provider, model).get_prices(at)
        rates = _flat_rates(prices)
        if rates:
            return rates.cost(tokens, provider=provider, model=model, at=at)
        return _stepped_cost(tokens, provider, model, at)


@lru_cache(maxsize=1024)
def _published(provider: str, model: str) -> ModelInfo:
    try:
        return calc_price(Usage(), model_ref=model, provider_id=provider).model
    except LookupError:
        raise NoPrice(f"no published price for {model} of {provider}; {_HINT}") from None


def _flat_rates(prices: ModelPrice) -> Rates | None:
    """Return the rates when a cost is so much per token and nothing else.

    The library's own sum costs ten times as much work, and here it comes to the same.
    """
    rates = (prices.input_mtok, prices.output_mtok, prices.cache_read_mtok)
    if prices.requests_kcount is not None:
        return None
    flat = [rate for rate in rates if rate is None or isinstance(rate, Decimal)]
    return Rates(*flat) if len(flat) == len(rates) else None


def _stepped_cost(tokens: Tokens, provider: str, model: str, at: datetime) -> Decimal:
    """Return the cost where the rate depends on the length of the input, or each request costs."""
    usage = Usage(
        input_tokens=tokens.input,
        output_tokens=tokens.output,
        cache_read_tokens=tokens.cached,
    )
    with localcontext(_EXACT):
        price = calc_price(usage, model_ref=model, provider_id=provider, genai_request_timestamp=at)
        for name, count, rate in (
            ("input", tokens.input, price.model_price.input_mtok),
            ("output", tokens.output, price.model_price.output_mtok),
        ):
            if count and rate is None:
                raise NoPrice(f"no price is known for {name} tokens of {model}; {_HINT}")
        return price.total_price.quantize(MICRO)
