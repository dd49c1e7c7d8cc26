"""Management commands in processes of their own, without loading Django anew for each.

`python forking.py serve SOCKET` loads Django and waits, for as long as its standard input is open.
`python forking.py SOCKET WORD …` has it run `manage.py WORD …` in a fork of itself, which writes
and reads where the asking process does, and belongs to the installation of its DATA_DIR and
DATABASE_URL.
"""

import inspect
import json
import os
import pkgutil
import resource
import select
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
from typing import NoReturn

#: What tells the installations apart.
PLACES = ("DATA_DIR", "DATABASE_URL")
#: Any of the numbers that sys.monitoring leaves free.
_TOOL = 4
#: What a step is: a statement or the end of a transaction, and what is done to a file.
_STATEMENTS = (
    "django.db.backends.utils:CursorWrapper._execute",
    "django.db.backends.utils:CursorWrapper._executemany",
    "django.db.backends.base.base:BaseDatabaseWrapper._commit",
)
_OF_FILES = frozenset({"open", "os.mkdir", "os.remove", "os.rename", "os.utime"})


def serve(path: str) -> None:
    """Run what is asked for, one after another."""
    import django

    django.setup()
    _warm()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while listener in select.select([listener, sys.stdin], [], [])[0]:
        asking, _ = listener.accept()
        with asking, suppress(BrokenPipeError):  # whoever asked need not wait for the end
            _answer(asking)


def _warm() -> None:
    """Load what every command would load."""
    import importlib

    from django.core.management import get_commands, load_command_class

    for name, app in get_commands().items():
        if not app.startswith("django") or name == "migrate":
            load_command_class(app, name)
    importlib.import_module("config.urls")


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


def _run(
    streams: Sequence[int], words: list[str], places: dict[str, str], limit: int, moment: str
) -> NoReturn:
    from django.core.management import execute_from_command_line

    code = 1
    steps = count()
    try:
        for place, stream in enumerate(streams):
            os.dup2(stream, place)
        _move(places)
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        if moment == "counted":
            _each_step(partial(next, steps))
        elif moment:
            _die_at(*moment.split())
        execute_from_command_line(["manage.py", *words])
        if moment == "counted":
            sys.stdout.write(f"Steps: {next(steps)}\n")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _move(places: Mapping[str, str]) -> None:
    """Read the settings anew, as those of another installation, and forget what came of the old."""
    import importlib

    from django.conf import Settings, settings
    from django.core.signals import setting_changed
    from django.db import connections
    from django.test import signals  # noqa: F401  (they listen)

    from config.apps import know_json

    os.environ.update(places)
    importlib.reload(sys.modules["config.settings"])
    settings._wrapped = Settings("config.settings")
    for name in ("STORAGES", "MEDIA_ROOT"):
        setting_changed.send(None, setting=name, value=getattr(settings, name), enter=True)
    vars(connections).pop("settings", None)
    connections.__init__()
    know_json(connections["default"])


def _die_at(when: str, place: str, time: str = "1") -> None:
    """Let this process kill itself at a moment, as `Installation.run` says it."""
    if when == "step":
        _each_step(_deadly(int(place)))
    else:
        kind = sys.monitoring.events
        watched = kind.PY_START if when == "begin" else kind.PY_RETURN
        _watch(watched, [place], _deadly(int(time)))


def _deadly(time: int) -> Callable[[], None]:
    """Return what kills this process when it is called for the nth time."""
    left = iter(range(time - 1))

    def live() -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    return live


def _each_step(call: Callable[[], object]) -> None:
    """Call before each statement, and before each thing that is done to a file of ours."""
    here = os.environ["DATA_DIR"]

    def look(event: str, args: tuple[object, ...]) -> None:
        if event in _OF_FILES and str(args[0]).startswith(here):
            call()

    sys.addaudithook(look)
    _watch(sys.monitoring.events.PY_START, _STATEMENTS, call)


def _watch(event: int, places: Sequence[str], call: Callable[[], object]) -> None:
    sys.monitoring.use_tool_id(_TOOL, "death")
    sys.monitoring.register_callback(_TOOL, event, lambda *_: call())
    for place in places:
        code = inspect.unwrap(pkgutil.resolve_name(place)).__code__
        sys.monitoring.set_local_events(_TOOL, code, event)


@contextmanager
def asked(
    path: str,
    words: Sequence[str],
    streams: Sequence[int] = (0, 1, 2),
    *,
    places: Mapping[str, str] = os.environ,
    limit: int = 0,
    moment: str = "",
):
    """Have a command run, and yield its process and what waits for its exit code."""
    own = {name: places[name] for name in PLACES}
    message = {"words": words, "places": own, "limit": limit, "moment": moment}
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(path)
        socket.send_fds(asking, [json.dumps(message).encode()], streams)
        with asking.makefile() as answers:
            yield int(answers.readline()), lambda: int(answers.readline())


if __name__ == "__main__":
    place, *wanted = sys.argv[1:]
    if place == "serve":
        serve(*wanted)
    else:
        with asked(place, wanted) as (_, ended):
            sys.exit(ended())
