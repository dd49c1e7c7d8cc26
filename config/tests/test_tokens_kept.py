"""What becomes of tokens when everything is brought back or deleted, and where they never go."""

import pytest

from config import backups
from config.tests import copies
from config.tests.copies import LATER, NOW
from people import tokens
from people.models import Answer, ApiToken, User
from people.tests.programs import Program, program

pytestmark = pytest.mark.django_db


@pytest.fixture
def script(settings, tmp_path) -> Program:
    """Return a program of Ann's that was answered once."""
    copies.settle(settings, tmp_path)
    copies.furnish()
    ann = User.objects.get(username="ann")
    Answer.objects.create(user=ann, key="a-key", status=200, body="{}", created_at=NOW)
    return program(ann)


def test_a_restore_brings_tokens_back_as_they_were_and_they_open_again(script):
    backup = backups.make(now=NOW)
    tokens.revoke(script.token, now=NOW)
    Answer.objects.all().delete()
    assert script.get("me").status_code == 401
    backups.restore(backup.name, now=LATER)
    assert script.get("me").status_code == 200
    assert Answer.objects.get().key == "a-key"


def test_deleting_everything_takes_them_also_from_whoever_stays(script):
    backups.erase_everything(keep_user=script.token.user, now=LATER)
    assert script.get("me").status_code == 401
    assert not ApiToken.objects.exists()
    assert not Answer.objects.exists()
