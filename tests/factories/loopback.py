"""A server on this machine that answers as a test says, over http or over https with a certificate of its own."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Call:
    """What was asked: header names in small letters."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """A server that is running; `calls` what it was asked, in order."""

    origin: str
    calls: list[Call] = field(default_factory=list)


Responder = Callable[[Call, BaseHTTPRequestHandler], None]


def answer(
    handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, media_type: str = "application/json", **more: str
) -> None:
    """Send an answer; further headers with "_" for "-"."""
    handler.send_response(status)
    sent = {"Content-Type": media_type, "Content-Length": str(len(body))}
    for name, value in (sent | {name.replace("_", "-"): value for name, value in more.items()}).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def serving(respond: Responder, certificate: Path | None = None) -> Iterator[Server]:
    """Runs while the block does. `certificate` a file that `certified` wrote: https."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def log_message(self, *_arguments: object) -> None:
            """Nothing: a test looks at `calls`."""

        def handle(self) -> None:
            try:
                super().handle()
            except (ConnectionError, ssl.SSLError, TimeoutError):
                self.close_connection = True

        def _respond(self) -> None:
            size = int(self.headers.get("Content-Length", 0))
            said = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.command, self.path, said, self.rfile.read(size))
            server.calls.append(call)
            respond(call, self)

        do_GET = do_POST = _respond  # noqa: N815 - the names of http.server

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_arguments: object) -> None:
            """One who hangs up is no fault of the server's."""

        def get_request(self) -> tuple[object, object]:
            connection, address = self.socket.accept()
            if context is not None:  # the handshake belongs to the thread of the connection
                connection = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            return connection, address

    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    running = Quiet(("127.0.0.1", 0), Handler)
    server = Server(f"http{'s' if context else ''}://127.0.0.1:{running.server_address[1]}")
    thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def certified(folder: Path, name: str = "127.0.0.1") -> Path:
    """A PEM file with a key and a certificate that signs itself, for an address or a host.

    It is good on any day: who checks it goes by the machine's clock, and not by that of the tests.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "necapp tests")])
    try:
        known: x509.GeneralName = x509.IPAddress(ip_address(name))
    except ValueError:
        known = x509.DNSName(name)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2000, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2200, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([known]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
