"""Management commands in processes of their own, without loading Django anew for each.

`python forking.py SOCKET` loads Django and waits. `python forking.py SOCKET WORD …` has it run
`manage.py WORD …` in a fork of itself, which writes and reads where the asking process does.
"""

import inspect
import json
import os
import pkgutil
import resource
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import contextmanager
from typing import NoReturn

#: Any of the numbers that sys.monitoring leaves free.
_TOOL = 4


def serve(path: str) -> NoReturn:
    """Run what is asked for, one after another."""
    import django

    django.setup()
    _warm()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        asking, _ = listener.accept()
        with asking:
            _answer(asking)


def _warm() -> None:
    """Load what every command would load."""
    from django.core.checks import run_checks
    from django.db import connections

    run_checks()
    connections["default"].ensure_connection()
    connections.close_all()


def _answer(asking: socket.socket) -> None:
    message, streams, _, _ = socket.recv_fds(asking, 65536, 3)
    pid = os.fork()
    if not pid:
        _run(streams, **json.loads(message))
    for stream in streams:
        os.close(stream)
    asking.sendall(f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    asking.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _run(streams: Sequence[int], words: list[str], limit: int, moment: str) -> NoReturn:
    from django.core.management import execute_from_command_line

    code = 1
    try:
        for place, stream in enumerate(streams):
            os.dup2(stream, place)
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        if moment:
            _die_at(*moment.split())
        execute_from_command_line(["manage.py", *words])
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _die_at(when: str, place: str, time: str = "1") -> None:
    """Let this process kill itself as soon as it begins or ends a function for the nth time."""
    code = inspect.unwrap(pkgutil.resolve_name(place)).__code__
    watched = sys.monitoring.events.PY_START if when == "begin" else sys.monitoring.events.PY_RETURN
    left = iter(range(int(time) - 1))

    def count(*_: object) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.monitoring.use_tool_id(_TOOL, "death")
    sys.monitoring.register_callback(_TOOL, watched, count)
    sys.monitoring.set_local_events(_TOOL, code, watched)


@contextmanager
def asked(
    path: str,
    words: Sequence[str],
    streams: Sequence[int] = (0, 1, 2),
    *,
    limit: int = 0,
    moment: str = "",
):
    """Have a command run, and yield its process and what waits for its exit code."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(path)
        message = json.dumps({"words": words, "limit": limit, "moment": moment}).encode()
        socket.send_fds(asking, [message], streams)
        with asking.makefile() as answers:
            yield int(answers.readline()), lambda: int(answers.readline())


if __name__ == "__main__":
    place, *wanted = sys.argv[1:]
    if not wanted:
        serve(place)
    with asked(place, wanted) as (_, ended):
        sys.exit(ended())
