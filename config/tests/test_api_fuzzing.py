"""Whatever is sent: no operation breaks, each answers as its document says, and refuses nonsense.

The requests are made up from the document by schemathesis, some as it wants them and some not. To
look longer, and at others in every run: `HYPOTHESIS_PROFILE=searching`.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import time_machine
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

from config.tests.asking import Household
from config.tests.operations import Operation, document, operations
from config.tests.shelf import shelf_in
from config.wsgi import application
from people.tests.programs import program

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
#: Part of what other properties are tried with: each of these is a whole request.
EXAMPLES = settings.default.max_examples // 5
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
#: These take a list whatever stands in it, and answer to each thing on it.
ANSWERS_TO_EACH = {"spending_record_usage_batch", "spending_settle_holds"}
#: With which nonsense is refused. An If-Match that no tag looks like is none of ours: 412.
REFUSALS = ["400", "401", "403", "404", "409", "412", "415", "422"]


def read_whole(environ: Any, start: Any) -> list[bytes]:
    """Answer as the server does, which closes what it has read to its end."""
    with closing(application(environ, start)) as answer:
        return [b"".join(answer)]


def described() -> Any:
    """Return what is sent requests, but for how it is asked who asks: that is not made up."""
    told = deepcopy(document())
    for methods in told["paths"].values():
        for operation in methods.values():
            del operation["security"]
    refused = {"negative_data_rejection": {"expected-statuses": REFUSALS}}
    config = SchemathesisConfig.from_dict({"checks": refused})
    api = schemathesis.openapi.from_dict(told, config=config)
    api.app = read_whole
    return api


API = described()

pytestmark = pytest.mark.django_db


@contextmanager
def open_connections() -> Iterator[None]:
    """Let no request close the connection, in whose transaction all of this happens."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def home(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Household]:
    """Yield a household that is there for all operations: each undoes what it did."""
    with (
        django_db_blocker.unblock(),
        time_machine.travel(NOW),
        shelf_in(Path(tmp_path_factory.mktemp("shelf"))),
        override_settings(API_RATE=10**9),
        open_connections(),
        transaction.atomic(),
    ):
        yield Household()
        transaction.set_rollback(True)


@pytest.mark.parametrize("operation", operations(), ids=str)
def test_an_operation_keeps_to_its_document(home: Household, operation: Operation):
    secrets = [program(user).secret for user in (home.ann, home.root)]
    keys = home.keys_of(operation)
    ways = [
        API[operation.path][operation.method].as_strategy(mode, path_parameters=given_keys)
        for mode in GenerationMode
        for given_keys in ([keys, {}] if keys else [{}])
    ]

    # A list or null that is made up for a field of a form may be sent as nothing at all.
    is_form = operation.media_type == "multipart/form-data"
    is_lenient = is_form or operation.name in ANSWERS_TO_EACH
    excluded = [checks.negative_data_rejection] if is_lenient else []

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(st.one_of(ways), st.sampled_from(secrets))
    def keeps_to_it(case: schemathesis.Case, secret: str) -> None:
        with transaction.atomic():
            answer = case.call(headers={"Authorization": f"Bearer {secret}"})
            transaction.set_rollback(True)
        case.validate_response(answer, checks=CHECKS, excluded_checks=excluded)

    keeps_to_it()


@pytest.mark.parametrize("operation", operations(), ids=str)
def test_an_operation_refuses_text_that_no_database_keeps(home: Household, operation: Operation):
    secret = program(home.root).secret
    broken = {}
    for text in ("nothing\0more", "half a sign \ud83c"):
        for name in operation.texts:
            answer = home.ask(operation, secret, body={name: text})
            if not 400 <= answer.status_code < 500:
                broken[f"{name}: {text!a}"] = answer.status_code
    for text in ("%00", "%ff", "%ed%a0%80"):
        for parameter in operation.parameters("query"):
            answer = home.ask(operation, secret, query=f"{parameter['name']}={text}")
            if answer.status_code >= 500:
                broken[f"{parameter['name']}: {text}"] = answer.status_code
    assert broken == {}
