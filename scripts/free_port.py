"""Exit with 3 when HOST PORT is taken: `python scripts/free_port.py 127.0.0.1 8000`."""

import socket
import sys

host, port = sys.argv[1:]
family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
with socket.socket(family, kind, proto) as listener:
    # As servers do: a port whose last connections are still closing is free.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError:
        sys.exit(3)
