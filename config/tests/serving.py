"""The real server, with processes of its own, over the database in use."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

HOST = "127.0.0.1"
#: How many processes serve, each with two threads.
PROCESSES = 2
_PATIENCE = 60


class Server:
    """granian as `make run` starts it, on a port that was free a moment ago."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, _free_port()

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Begin to serve; returns when the first request is answered."""
        (self.folder / "static").mkdir(exist_ok=True)
        granian = Path(sys.executable).with_name("granian")
        command = [str(granian), "--interface", "wsgi", "config.wsgi:application"]
        command += ["--host", HOST, "--port", str(self.port), "--workers", str(PROCESSES)]
        command += ["--blocking-threads", "2", "--no-ws", "--log-level", "error"]
        # A group of its own, so that its workers can be killed with it.
        self.process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=self._environment(), start_new_session=True
        )
        end = time.monotonic() + _PATIENCE
        while not self._answers():
            assert self.process.poll() is None, "the server did not start"
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        """End every process of it at once, whatever it is doing."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _answers(self) -> bool:
        with closing(HTTPConnection(HOST, self.port, timeout=5)) as asking:
            try:
                asking.request("GET", "/healthz")
                return asking.getresponse().status == 200
            except OSError:
                return False

    def _environment(self) -> dict[str, str]:
        own = {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database_url(),
            "DATA_DIR": str(self.folder),
            "ALLOWED_HOSTS": HOST,
            "HTTPS": "false",
            # As it is served; the tests' own processes open a connection each.
            "DATABASE_POOL": "true",
            "API_RATE": "1000000",
            "API_GATEWAY_RATE": "1000000",
        }
        return os.environ | own


def database_url() -> str:
    """Return the address of the database that the current connection uses."""
    chosen = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{chosen['NAME']}"
    user = quote(chosen["USER"] or "postgres", safe="")
    password = f":{quote(chosen['PASSWORD'], safe='')}" if chosen["PASSWORD"] else ""
    place = f"{chosen['HOST'] or HOST}:{chosen['PORT'] or 5432}"
    return f"postgres://{user}{password}@{place}/{chosen['NAME']}"


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """Serve the database in use until the block ends."""
    server = Server(folder)
    server.start()
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
