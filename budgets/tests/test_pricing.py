"""What tokens cost: published prices, given prices, and what nobody knows."""

import socket
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from genai_prices import Usage, calc_price
from genai_prices.data import providers
from hypothesis import given
from hypothesis import strategies as st

from budgets.usage.details import Detail, Lengths
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


# --- Beyond the three counts ----------------------------------------------------------------------

SONNET = {"provider": "anthropic", "model": "claude-sonnet-4-5"}
HAIKU = {"provider": "anthropic", "model": "claude-3-5-haiku-latest"}
LATER = datetime(2026, 11, 1, tzinfo=UTC)


def detailed(input_tokens, output_tokens, cached=0, *, model, at=AT, **said):
    lengths = said.pop("lengths", None)
    terms = said.pop("terms", {})
    detail = Detail(said, terms, Lengths(*lengths) if lengths else None)
    tokens = Tokens(input_tokens, output_tokens, cached, detail)
    return PUBLISHED.cost(tokens, at=at, **model)


def test_what_is_written_to_the_cache_costs_its_own_price():
    # Haiku 3.5: 0.80 input, 0.08 read, 1.00 written, 1.60 written for an hour, per million.
    assert detailed(1_000_000, 0, model=HAIKU) == Decimal("0.800000")
    written = detailed(1_000_000, 0, model=HAIKU, cache_write_tokens=1_000_000)
    assert written == Decimal("1.000000")
    mixed = detailed(
        1_000_000, 0, 100_000, model=HAIKU, cache_write_tokens=300_000, cache_write_1h_tokens=50_000
    )
    # 600,000 plain, 100,000 read, 250,000 for five minutes, 50,000 for an hour.
    assert mixed == Decimal("0.48") + Decimal("0.008") + Decimal("0.25") + Decimal("0.08")


def test_where_writing_has_no_price_it_is_plain_input():
    gpt = {"provider": "openai", "model": "gpt-4o"}
    assert detailed(1_000_000, 0, model=gpt, cache_write_tokens=400_000) == Decimal("2.500000")


def test_web_searches_cost_their_own_price_or_have_none():
    # 10 dollars per thousand.
    assert detailed(0, 0, model=HAIKU, web_searches=3) == Decimal("0.030000")
    with pytest.raises(NoPrice, match="web searches"):
        detailed(0, 0, model={"provider": "anthropic", "model": "claude-2.1"}, web_searches=3)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"cache_write_tokens": 60}, "than input_tokens"),
        ({"cache_write_tokens": 1, "cache_write_1h_tokens": 2}, "than cache_write_tokens"),
    ],
)
def test_counts_that_cannot_be_have_no_price(said, reason):
    with pytest.raises(NoPrice, match=reason):
        detailed(100, 0, 50, model=HAIKU, **said)


def test_more_cached_audio_than_cached_input_has_no_price():
    realtime = {"provider": "openai", "model": "gpt-4o-realtime-preview"}
    with pytest.raises(NoPrice, match="contradict each other"):
        detailed(10, 0, 4, model=realtime, input_audio_tokens=10, cache_audio_read_tokens=5)


def test_audio_without_a_price_of_its_own_is_not_priced_as_text():
    gpt = {"provider": "openai", "model": "gpt-4o"}
    for kind, counts in (("input_audio_tokens", (10, 0)), ("output_audio_tokens", (0, 10))):
        with pytest.raises(NoPrice, match="audio"):
            detailed(*counts, model=gpt, **{kind: 10})
    realtime = {"provider": "openai", "model": "gpt-4o-realtime-preview"}
    # 40 per million audio tokens, of which 2.50 per million for the cached ones; 5 for text.
    assert detailed(1_000_000, 0, model=realtime, input_audio_tokens=1_000_000) == 40
    cached = {"input_audio_tokens": 1_000_000, "cache_audio_read_tokens": 1_000_000}
    assert detailed(1_000_000, 0, 1_000_000, model=realtime, **cached) == Decimal("2.5")


def test_pictures_that_went_in_are_plain_input_where_they_have_no_price():
    gpt = {"provider": "openai", "model": "gpt-4o"}
    assert detailed(1_000_000, 0, model=gpt, input_image_tokens=1_000_000) == Decimal("2.5")


def test_a_sum_of_short_requests_does_not_cost_what_a_long_one_costs():
    # Sonnet 4.5: 3 per million up to 200,000 input tokens, 6 beyond; output 15 and 22.50.
    assert detailed(1_000_000, 1000, model=SONNET) == Decimal("6.022500")
    short = detailed(1_000_000, 1000, model=SONNET, lengths=(0, 200_000))
    assert short == Decimal("3.015000")
    long = detailed(1_000_000, 1000, model=SONNET, lengths=(200_001, None))
    assert long == Decimal("6.022500")


@pytest.mark.parametrize("lengths", [(0, 200_001), (0, None), (200_000, 200_001)])
def test_a_sum_of_requests_that_may_have_been_long_has_no_price(lengths):
    with pytest.raises(NoPrice, match="more than 200,000 input tokens") as refused:
        detailed(1_000_000, 0, model=SONNET, lengths=lengths)
    assert refused.value.hint == "; give --input-price and --output-price"
    # Where the price has no steps, nobody needs to know.
    assert detailed(1_000_000, 0, model=HAIKU, lengths=lengths) == Decimal("0.8")


def test_a_sum_of_requests_that_each_cost_something_has_no_price():
    sonar = {"provider": "perplexity", "model": "sonar"}
    assert detailed(0, 0, model=sonar) > 0
    with pytest.raises(NoPrice, match="a price for each request"):
        detailed(0, 0, model=sonar, lengths=(0, 0))


def test_a_batch_costs_its_own_price_once_it_is_on_the_list():
    gpt = {"provider": "openai", "model": "gpt-4o"}
    batch = {"processing": "batch"}
    assert detailed(1_000_000, 0, model=gpt, at=LATER, terms=batch) == Decimal("1.25")
    assert detailed(1_000_000, 0, model=gpt, at=LATER) == Decimal("2.5")


@pytest.mark.parametrize(
    ("model", "at", "terms"),
    [
        ({"provider": "openai", "model": "gpt-4o"}, AT, {"processing": "batch"}),
        ({"provider": "openai", "model": "gpt-4o"}, LATER, {"service_tier": "scale"}),
        ({"provider": "anthropic", "model": "claude-sonnet-4-5"}, LATER, {"inference_geo": "us"}),
        ({"provider": "azure", "model": "gpt-4o-mini"}, LATER, {"processing": "batch"}),
        (
            {"provider": "openai", "model": "gpt-4o"},
            LATER,
            {"processing": "batch", "service_tier": "priority"},
        ),
    ],
    ids=range(5),
)
def test_terms_that_the_list_does_not_know_have_no_price(model, at, terms):
    with pytest.raises(NoPrice, match="no published price for"):
        detailed(1, 1, model=model, at=at, terms=terms)


def test_given_prices_are_for_writing_and_searching_too():
    rates = Rates(Decimal(3), Decimal(15), Decimal("0.3"), Decimal("3.75"), Decimal(10))
    detail = Detail({"cache_write_tokens": 200, "web_searches": 2})
    asked = rates.cost(Tokens(1000, 10, 300, detail), provider="", model="x", at=AT)
    # 500 at 3.00, 300 at 0.30, 200 at 3.75, 10 at 15.00 per million; 2 at 10.00 per thousand.
    assert asked == Decimal("0.022490")
    bare = Rates(Decimal(3), Decimal(15))
    plain = Tokens(1000, 0, 0, Detail({"cache_write_tokens": 200}))
    assert bare.cost(plain, provider="", model="x", at=AT) == Decimal("0.003")
    with pytest.raises(NoPrice, match="web searches of x; give --search-price"):
        bare.cost(Tokens(1000, 1, 0, detail), provider="", model="x", at=AT)


@pytest.mark.parametrize("at", [AT, LATER])
def test_the_detail_changes_no_price_of_one_plain_request(at):
    compared = 0
    for provider in providers:
        for model in provider.models[::7]:
            where = {"provider": provider.id, "model": model.id}
            try:
                plain = PUBLISHED.cost(Tokens(3000, 70, 1000), at=at, **where)
            except NoPrice:
                continue
            told = (
                detailed(3000, 70, 1000, model=where, at=at, lengths=(3000, 3000))
                if (model.get_prices(at).requests_kcount is None)
                else plain
            )
            assert told == plain, where
            compared += 1
    assert compared > 100
