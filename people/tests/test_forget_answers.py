"""`manage.py forget_answers`: what programs were told is not kept for ever."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from people.models import Answer
from people.tests.factories import UserFactory

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]


@pytest.fixture(autouse=True)
def answers() -> None:
    ann = UserFactory()
    for key, age in (
        ("fresh", timedelta()),
        ("just kept", timedelta(days=30)),
        ("due", timedelta(days=30, seconds=1)),
        ("old", timedelta(days=400)),
    ):
        Answer.objects.create(user=ann, key=key, status=200, body="{}", created_at=NOW - age)


def run(*words: str) -> str:
    out = StringIO()
    call_command("forget_answers", *words, stdout=out)
    return out.getvalue()


def kept() -> set[str]:
    return set(Answer.objects.values_list("key", flat=True))


def test_forgets_what_was_kept_for_thirty_days_and_may_be_repeated():
    assert run() == "Answers forgotten: 2.\n"
    assert kept() == {"fresh", "just kept"}
    assert run() == "Answers forgotten: 0.\n"


def test_a_dry_run_only_counts():
    assert run("--dry-run") == "Answers due: 2. Nothing was changed.\n"
    assert len(kept()) == 4
