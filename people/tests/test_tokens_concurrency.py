"""The same form sent several times at the same instant makes one token."""

from datetime import UTC, datetime
from threading import Barrier, Thread

import pytest
from django.db import connection

from people import tokens
from people.models import Scope
from people.tests.factories import UserFactory

NOW = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
TIMES = 6


@pytest.mark.django_db(transaction=True)
def test_of_many_of_one_name_at_the_same_instant_there_is_one():
    ann = UserFactory()
    start, refused = Barrier(TIMES, timeout=30), []

    def make() -> None:
        start.wait()
        try:
            tokens.mint(user=ann, name="Laptop", scopes=[Scope.READ], now=NOW)
        except tokens.NameTaken as taken:
            refused.append(taken.token)
        finally:
            connection.close()

    threads = [Thread(target=make) for _ in range(TIMES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == [ann.tokens.get()] * (TIMES - 1)
