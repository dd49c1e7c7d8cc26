"""The tables that others read: each column under its name, in its place, written in one way."""

from pathlib import Path

import pytest
from django.test import Client

from config.tests.exports import NOW, small
from people.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.time_machine(NOW, tick=False)]

GOLDEN = Path(__file__).parent / "golden"
FILES = {
    "purchases.csv": "/purchases/purchases.csv",
    "history.csv": "/budget/history.csv",
    "gifts.csv": "/gifts/gifts.csv",
}


@pytest.mark.parametrize("name", FILES)
def test_is_written_as_in_its_golden_file(client: Client, settings, tmp_path, name):
    settings.MEDIA_ROOT = tmp_path
    small()
    client.force_login(User.objects.get(username="ann"))
    answer = client.get(FILES[name])
    assert answer.streaming
    assert b"".join(answer.streaming_content) == (GOLDEN / name).read_bytes()
