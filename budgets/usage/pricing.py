"""What tokens cost: by the published prices of the genai-prices library, or by given ones.

The library carries its price list with it; nothing here reaches out to the network. Every cost is
worked out exactly and then rounded once, half to even, to the micro-unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import cache, lru_cache
from importlib.metadata import version
from typing import NamedTuple, Protocol

from genai_prices import Usage, calc_price
from genai_prices.types import ModelInfo, ModelPrice, Provider, TieredPrices

from budgets.money import MICRO
from budgets.usage.details import KINDS, PLAIN, Detail, Lengths

#: Wide enough for any number of tokens at any price without rounding on the way.
_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)
_LIST, _PUBLISHED_IN = "genai-prices", "USD"
_HINT = "; give --input-price and --output-price"
_APART = "; when they are counted apart, give --cached-tokens apart"
_SEARCHES = "web_searches"
_PICTURES = ("input_image_tokens", "cache_image_read_tokens")
_PRICES = {
    kind: "web_searches_kcount" if kind == _SEARCHES else kind.replace("_tokens", "_mtok")
    for kind in KINDS
}
_WRITTEN, _WRITTEN_1H = "cache_write_tokens", "cache_write_1h_tokens"


class NoPrice(LookupError):
    """Nobody knows what these tokens cost; the message says why and what to do.

    `hint` is what to do: the options of the command, which mean nothing on a page.
    """

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason, hint)
        self.reason, self.hint = reason, hint

    def __str__(self) -> str:
        return self.reason + self.hint


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one use; `input` counts the `cached` and the written ones too.

    Raises NoPrice when it cannot.
    """

    input: int
    output: int
    cached: int = 0
    detail: Detail = PLAIN

    def __post_init__(self) -> None:
        if self.cached > self.input:
            raise NoPrice("more cached_tokens than input_tokens", _APART)
        if self.cached + self.written > self.input:
            raise NoPrice("more cached_tokens and cache_write_tokens than input_tokens", _APART)
        if self.detail.kinds.get(_WRITTEN_1H, 0) > self.written:
            raise NoPrice("more cache_write_1h_tokens than cache_write_tokens")

    @property
    def written(self) -> int:
        """How many of the input tokens were written to the cache."""
        return self.detail.kinds.get(_WRITTEN, 0)


class Prices(Protocol):
    """Something that can tell what tokens cost."""

    @property
    def label(self) -> str:
        """What an entry keeps of where its cost comes from."""

    def cost(self, tokens: Tokens, *, provider: str, model: str, at: datetime) -> Decimal:
        """Return the cost in currency units with six places. Raises NoPrice."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices per million tokens, and per thousand searches; None is unknown.

    Input that is read from the cache or written to it then costs what input costs.
    """

    input: Decimal | None
    output: Decimal | None
    cached: Decimal | None = None
    written: Decimal | None = None
    searches: Decimal | None = None

    @property
    def label(self) -> str:
        return "given prices"

    def cost(self, tokens: Tokens, *, provider: str, model: str, at: datetime) -> Decimal:
        plain = tokens.input - tokens.cached - tokens.written
        parts = [
            ("input", plain, self.input),
            ("cached input", tokens.cached, self.input if self.cached is None else self.cached),
            ("output", tokens.output, self.output),
        ]
        if tokens.written:
            written = self.input if self.written is None else self.written
            parts.append(("cache write", tokens.written, written))
        searches = tokens.detail.kinds.get(_SEARCHES, 0)
        if searches and self.searches is None:
            raise NoPrice(f"no price is known for web searches of {model}", "; give --search-price")
        with localcontext(_EXACT):
            total = searches * (self.searches or 0) * 1000
            for name, count, rate in parts:
                if count and rate is None:
                    raise NoPrice(f"no price is known for {name} tokens of {model}", _HINT)
                total += count * (rate or 0)
            return Decimal(total).scaleb(-6).quantize(MICRO)


@dataclass(frozen=True, slots=True)
class PublishedPrices:
    """The providers' list prices at the time of use, for an installation that counts in USD."""

    currency: str

    @property
    def label(self) -> str:
        return _edition()

    def cost(self, tokens: Tokens, *, provider: str, model: str, at: datetime) -> Decimal:
        if self.currency != _PUBLISHED_IN:
            raise NoPrice(
                f"prices are published in {_PUBLISHED_IN}, and budgets are in {self.currency}",
                _HINT,
            )
        if not provider or not model:
            raise NoPrice(
                "without a cost it needs a provider and a model", " (--provider, --model)"
            )
        listed = _published(provider, model)
        if not tokens.detail:
            rates = _flat_rates(listed.model.get_prices(at))
            if rates:
                return rates.cost(tokens, provider=provider, model=model, at=at)
        return _listed_cost(tokens, listed, model, at)


@cache
def _edition() -> str:
    """Name the price list, with its version: prices change, and so does what is known of them."""
    return f"{_LIST} {version(_LIST)}"


class _Listed(NamedTuple):
    """A model of the list, and the provider at which it was found."""

    model: ModelInfo
    provider: Provider


@lru_cache(maxsize=1024)
def _published(provider: str, model: str) -> _Listed:
    try:
        found = calc_price(Usage(), model_ref=model, provider_id=provider)
    except LookupError:
        raise NoPrice(f"no published price for {model} of {provider}", _HINT) from None
    return _Listed(found.model, found.provider)


def _flat_rates(prices: ModelPrice) -> Rates | None:
    """Return the rates when a cost is so much per token and nothing else.

    The library's own sum costs ten times as much work, and here it comes to the same.
    """
    rates = (prices.input_mtok, prices.output_mtok, prices.cache_read_mtok)
    if prices.requests_kcount is not None:
        return None
    flat = [rate for rate in rates if rate is None or isinstance(rate, Decimal)]
    return Rates(*flat) if len(flat) == len(rates) else None


def _listed_cost(tokens: Tokens, listed: _Listed, model: str, at: datetime) -> Decimal:
    """Return the cost where it depends on more than the three counts, by the library's own sum."""
    lengths = tokens.detail.lengths or Lengths(tokens.input, tokens.input)
    prices = _at_length(_on_terms(listed, tokens.detail.terms, model, at), lengths, model)
    _check_prices(prices, tokens, model)
    if prices.requests_kcount is not None and tokens.detail.lengths:
        raise NoPrice(f"{model} has a price for each request, and the row sums them up", _HINT)
    usage = Usage(
        input_tokens=tokens.input,
        output_tokens=tokens.output,
        cache_read_tokens=tokens.cached,
        # A count that is told to be nothing: the library will not take what is left out for it.
        **{**dict.fromkeys(KINDS, 0), **tokens.detail.kinds},
    )
    with localcontext(_EXACT):
        try:
            return prices.calc_price(usage)["total_price"].quantize(MICRO)
        except ValueError:
            raise NoPrice("the counts of its tokens contradict each other") from None


def _on_terms(listed: _Listed, terms: Mapping[str, str], model: str, at: datetime) -> ModelPrice:
    """Return the prices on these terms. Raises NoPrice when the list knows none of them then."""
    if len(terms) > 1:
        both = " and ".join(terms.values())
        raise NoPrice(f"no published price for {model} with {both} at once", _HINT)
    for name, value in terms.items():
        known = (
            variant.when.get(name) == value
            for variant in listed.model.price_variants or ()
            if variant.constraint is None or variant.constraint.active(at)
        )
        # Elsewhere than at its own provider a model has prices, and no terms.
        if not any(known) or listed.model not in listed.provider.models:
            raise NoPrice(f"no published price for {model} with {name} {value} at that time", _HINT)
    return listed.model.get_prices(at, terms)


def _at_length(prices: ModelPrice, lengths: Lengths, model: str) -> ModelPrice:
    """Return the prices without steps: those for requests as long as these."""
    return ModelPrice(
        **{
            name: _step(price, lengths, model) if isinstance(price, TieredPrices) else price
            for name, price in vars(prices).items()
        }
    )


def _step(price: TieredPrices, lengths: Lengths, model: str) -> Decimal:
    rate = price.base
    for tier in price.tiers:
        if lengths.shortest > tier.start:
            rate = tier.price
        elif lengths.longest is None or lengths.longest > tier.start:
            raise NoPrice(
                f"the price of {model} depends on whether a request has more than"
                f" {tier.start:,} input tokens, and the row sums several up",
                _HINT,
            )
    return rate


def _check_prices(prices: ModelPrice, tokens: Tokens, model: str) -> None:
    """Raise NoPrice when something that was used has no price: it would be free, or too cheap."""
    used = [
        ("input tokens", tokens.input, prices.input_mtok),
        ("output tokens", tokens.output, prices.output_mtok),
    ]
    for kind, count in tokens.detail.kinds.items():
        # What is written to a cache that has no price of its own is plain input, as pictures are.
        is_input = prices.cache_write_mtok is None and kind in (_WRITTEN, _WRITTEN_1H)
        if not is_input and kind not in _PICTURES:
            used.append((KINDS[kind], count, getattr(prices, _PRICES[kind])))
    for name, count, rate in used:
        if count and rate is None:
            raise NoPrice(f"no price is known for {name} of {model}", _HINT)
