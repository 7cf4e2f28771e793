"""`python -m necapp.check_port HOST PORT`: says plainly when an address is not free, before anything starts there."""

import errno
import socket
import sys


def problem(host: str, port: str) -> str | None:
    """Why nothing can be served there, in words; None when something can."""
    if not port.isdigit() or not 1 <= int(port) <= 65535:
        return f"PORT={port} is no port: a whole number from 1 to 65535."
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return f"Port {port} is taken. Choose another: make run PORT={min(int(port) + 1, 65535)}"
            return f"{host}:{port} cannot be served on: {error.strerror}."
    return None


if __name__ == "__main__":
    sys.exit(problem(*sys.argv[1:]))
