"""Things done at the same moment, each with a database connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, BoundedSemaphore

from django.db import connection

#: As many connections at once as a pool would give; the other threads wait for their turn.
_CONNECTIONS = 20


def together[T](calls: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Start all calls at once, in threads. Return what each returned or raised, in their order."""
    start = Barrier(len(calls))
    connections = BoundedSemaphore(_CONNECTIONS)

    def run(call: Callable[[], T]) -> T | Exception:
        try:
            if len(calls) <= _CONNECTIONS:
                connection.ensure_connection()
            start.wait(timeout=30)
            with connections:
                return call()
        except Exception as problem:  # noqa: BLE001  (the test looks at every one)
            return problem
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))
