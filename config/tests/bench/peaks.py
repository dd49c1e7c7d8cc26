"""How much memory something needs at its peak, beside how long it takes."""

import multiprocessing
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

from django.db import connections

_STATUS = Path("/proc/self/status")
#: Seconds between two looks at the memory.
_PAUSE = 0.01


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds, and the most bytes of memory that the process used meanwhile, all in all.

    Pages of files are not counted: SQLite maps its own, and the system takes them back at will.
    """

    seconds: float
    peak: int


def cost_of(way: Callable[[], object]) -> Cost:
    """Do something in a process of its own, begun as a copy of this one (Linux alone can).

    What one size leaves behind in memory is thus not there for the next to use again.
    """
    connections.close_all()
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_run, args=(way, there))
    child.start()
    told: Cost | str = here.recv()
    child.join()
    if isinstance(told, Cost):
        return told
    raise RuntimeError(told)


def _run(way: Callable[[], object], answer: Connection) -> None:
    try:
        start = perf_counter()
        with _watched() as seen:
            way()
        answer.send(Cost(perf_counter() - start, max(seen)))
    except Exception:  # noqa: BLE001  (whatever it is, the other process has to tell it)
        answer.send(traceback.format_exc())
    finally:
        connections.close_all()


@contextmanager
def _watched() -> Iterator[list[int]]:
    """Look at the memory in use again and again, and once more at the end."""
    seen, over = [_memory()], Event()

    def look() -> None:
        while not over.wait(_PAUSE):
            seen[0] = max(seen[0], _memory())

    watcher = Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()
        seen[0] = max(seen[0], _memory())


def _memory() -> int:
    """Return the bytes of memory in use that are no pages of a file."""
    for line in _STATUS.read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise LookupError("RssAnon")
