"""What tokens cost: published prices, given prices, and what nobody knows."""

import socket
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from genai_prices import Usage, calc_price
from genai_prices.data import providers
from hypothesis import given
from hypothesis import strategies as st

from budgets.usage.pricing import NoPrice, PublishedPrices, Rates, Tokens

AT = datetime(2026, 3, 3, 12, tzinfo=UTC)
PUBLISHED = PublishedPrices("USD")


def cost(input_tokens, output_tokens, cached=0, *, provider="openai", model="gpt-4o", at=AT):
    tokens = Tokens(input_tokens, output_tokens, cached)
    return PUBLISHED.cost(tokens, provider=provider, model=model, at=at)


def test_tokens_cost_their_published_price():
    # gpt-4o: 2.50 per million input tokens, 10.00 per million output tokens.
    assert cost(4808, 10) == Decimal("0.012120")
    assert cost(1_000_000, 0) == Decimal("2.500000")
    assert cost(0, 1_000_000) == Decimal("10.000000")


def test_cached_input_costs_its_own_price():
    # 1.25 per million cached tokens: 600 at 2.50 and 400 at 1.25 per million.
    assert cost(1000, 0, 400) == Decimal("0.002000")


@pytest.mark.parametrize(
    ("input_tokens", "expected"),
    [(1, "0.000002"), (3, "0.000008"), (5, "0.000012"), (7, "0.000018"), (2, "0.000005")],
)
def test_half_a_micro_unit_goes_to_the_even_neighbour(input_tokens, expected):
    assert cost(input_tokens, 0) == Decimal(expected)


def test_a_cost_always_has_six_places():
    assert cost(4, 0).as_tuple().exponent == -6


def test_more_cached_tokens_than_input_tokens_have_no_price():
    with pytest.raises(NoPrice, match="--cached-tokens apart"):
        cost(5, 1, 9)


@pytest.mark.parametrize(
    ("provider", "model", "reason"),
    [
        ("openai", "no-such-model", "no published price for no-such-model of openai"),
        ("nobody", "gpt-4o", "no published price for gpt-4o of nobody"),
        ("", "gpt-4o", "provider and a model"),
        ("openai", "", "provider and a model"),
    ],
)
def test_what_is_not_on_the_list_is_refused_with_a_way_out(provider, model, reason):
    with pytest.raises(NoPrice, match=reason) as refused:
        cost(1, 1, provider=provider, model=model)
    assert "--" in str(refused.value)


def test_a_listed_model_without_a_price_is_not_free():
    unpriced = [
        (provider.id, model.id)
        for provider in providers
        for model in provider.models
        if not isinstance(model.prices, list) and not vars(model.prices)
    ]
    assert unpriced
    for provider, model in unpriced[:20]:
        with pytest.raises(NoPrice):
            cost(1, 1, provider=provider, model=model)


def test_a_model_priced_by_input_alone_has_no_price_for_output():
    embedding = {"provider": "openai", "model": "text-embedding-3-small"}
    assert cost(1_000_000, 0, **embedding) == Decimal("0.020000")
    with pytest.raises(NoPrice, match="output tokens"):
        cost(1, 1, **embedding)


def test_published_prices_are_in_dollars_and_stand_for_no_other_currency():
    with pytest.raises(NoPrice, match="published in USD, and budgets are in EUR"):
        PublishedPrices("EUR").cost(Tokens(1, 1), provider="openai", model="gpt-4o", at=AT)


@pytest.mark.parametrize("tokens", [(1, 1, 0), (250_000, 3000, 1000), (1_000_000, 70_000, 300_000)])
def test_every_listed_model_costs_what_the_library_says(tokens):
    input_tokens, output_tokens, cached = tokens
    usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens, cache_read_tokens=cached)
    compared = 0
    for provider in providers:
        for model in provider.models[::3]:
            try:
                ours = cost(*tokens, provider=provider.id, model=model.id)
            except NoPrice:
                continue
            theirs = calc_price(
                usage, model_ref=model.id, provider_id=provider.id, genai_request_timestamp=AT
            )
            rounded = theirs.total_price.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)
            assert ours == rounded, (provider.id, model.id)
            compared += 1
    assert compared > 300


def test_a_price_that_depends_on_the_length_of_the_input_is_followed():
    gemini = {"provider": "google", "model": "gemini-2.5-pro"}
    # Up to 200,000 input tokens 1.25 per million, beyond them 2.50 for all of the input.
    assert cost(200_000, 0, **gemini) == Decimal("0.250000")
    assert cost(200_001, 0, **gemini) == Decimal("0.500002")


def test_no_price_is_looked_up_on_the_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert cost(7, 7, model="gpt-4o-mini")
    with pytest.raises(NoPrice):
        cost(7, 7, model="never-heard-of")


@given(
    st.integers(0, 10**15),
    st.integers(0, 10**15),
    st.decimals(0, 10**6, places=6),
    st.decimals(0, 10**6, places=6),
)
def test_given_prices_are_exact_to_the_micro_unit(input_tokens, output_tokens, input_price, output):
    rates = Rates(input_price, output)
    asked = rates.cost(Tokens(input_tokens, output_tokens), provider="", model="", at=AT)
    exact = input_tokens * int(input_price * 10**6) + output_tokens * int(output * 10**6)
    whole, rest = divmod(exact, 10**6)
    up = rest * 2 > 10**6 or (rest * 2 == 10**6 and whole % 2)
    numerator, denominator = asked.as_integer_ratio()
    assert numerator * 10**6 == (whole + bool(up)) * denominator
