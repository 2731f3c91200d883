"""A port to serve on, or in plain words why not."""

from __future__ import annotations

import errno
import socket


class NotServable(Exception):
    """Why something may not be served here, in plain words."""


def listen(host: str, port: int) -> socket.socket:
    try:
        sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise NotServable(f"port {port} on {host} is taken: stop the other program or give --port.") from problem
        raise NotServable(f"cannot listen on {host}:{port}: {problem.strerror}") from problem
    return sock
