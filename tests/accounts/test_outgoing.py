"""What the interfaces ask of other systems: listed places, checked addresses, one time, one size; of a real server."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from accounts.origins import ANYWHERE, Reach, origin_of
from accounts.outgoing import MOST_BYTES, Outgoing, OutgoingError
from tests.factories.loopback import Call, Server, answer, certified, serving

Start = Callable[..., Server]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers that end with the test."""
    with ExitStack() as running:

        def server(respond: Any, certificate: Path | None = None) -> Server:
            started: AbstractContextManager[Server] = serving(respond, certificate)
            return running.enter_context(started)

        yield server


def reach(*urls: str, **limits: Any) -> Reach:
    return Reach(frozenset(map(origin_of, urls)), **{"this_machine": True} | limits)


def refused(where: Reach, url: str, **limits: Any) -> str:
    with Outgoing(where, **limits) as web, pytest.raises(OutgoingError) as error:
        web.get(url)
    assert str(error.value) == error.value.why
    return error.value.why


def hello(_call: Call, handler: BaseHTTPRequestHandler) -> None:
    answer(handler, b'{"hello": 1}')


class TestAsking:
    def test_an_answer(self, start: Start) -> None:
        server = start(hello)
        with Outgoing(reach(server.origin)) as web:
            found = web.get(f"{server.origin}/r4/Patient/1?a=b", {"Authorization": "Bearer x"})
        assert (found.status, found.json()) == (200, {"hello": 1})
        call = server.calls[0]
        assert (call.method, call.target, call.headers["authorization"]) == ("GET", "/r4/Patient/1?a=b", "Bearer x")
        assert (call.headers["user-agent"], call.headers["accept-encoding"]) == ("necapp", "identity")

    def test_a_form(self, start: Start) -> None:
        server = start(hello)
        with Outgoing(reach(server.origin)) as web:
            web.post_form(f"{server.origin}/token", {"code": "a&b", "state": "c d"})
        call = server.calls[0]
        assert (call.method, call.body) == ("POST", b"code=a%26b&state=c+d")
        assert call.headers["content-type"] == "application/x-www-form-urlencoded"

    def test_an_error_of_the_server_is_an_answer(self, start: Start) -> None:
        server = start(lambda _call, handler: answer(handler, b"no", 403, "text/plain"))
        with Outgoing(reach(server.origin)) as web:
            assert web.get(server.origin + "/").status == 403

    def test_no_json_is_said(self, start: Start) -> None:
        server = start(lambda _call, handler: answer(handler, b"[" * 100_000))
        with Outgoing(reach(server.origin)) as web, pytest.raises(ValueError, match=r"nested too deep|Expecting value"):
            web.get(server.origin + "/").json()

    def test_no_proxy_of_the_environment_is_used(self, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
        proxy, server = start(hello), start(hello)
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.origin)
        with Outgoing(reach(server.origin)) as web:
            web.get(server.origin + "/")
        assert (len(server.calls), proxy.calls) == (1, [])


class TestPlaces:
    @pytest.mark.parametrize(
        "url",
        [
            "https://other.example/",
            "https://fhir.example:8443/r4",
            "http://fhir.example/r4",
            "https://fhir.example@other.example/",
            "https://user:secret@fhir.example/r4",
            "https://fhir.example.other.example/",
            "https://fhir.example\\@other.example/",
            "https://fhir.example:99999/",
            "https://fhir.exämple/",
            "ftp://fhir.example/",
            "file:///etc/passwd",
            "//fhir.example/r4",
            "",
        ],
    )
    def test_listed_origins_alone(self, url: str) -> None:
        assert refused(reach("https://fhir.example/r4", this_machine=False), url) == "not-allowed"

    def test_plain_http_is_a_test_s(self) -> None:
        assert refused(reach("http://127.0.0.1:9", this_machine=False), "http://127.0.0.1:9/") == "not-allowed"
        assert refused(reach("http://fhir.example"), "http://fhir.example/") == "not-allowed"

    def test_this_machine_is_a_test_s(self) -> None:
        assert refused(reach("https://127.0.0.1:9", this_machine=False), "https://127.0.0.1:9/") == "address"

    @pytest.mark.parametrize(
        "address",
        [
            *("10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1"),
            *("255.255.255.255", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"),
            *("2002:a00:1::1", "2001:0:a00:1::1", "127.0.0.1", "::1", "::ffff:127.0.0.1"),
        ],
    )
    def test_a_name_that_leads_inside(self, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """One such address among others is enough: which one is taken is not for a name to say."""
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 443)) for each in ("93.184.215.14", address)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: found)
        assert refused(reach("https://fhir.example", this_machine=False), "https://fhir.example/") == "address"

    def test_a_private_network_that_is_listed(self) -> None:
        where = reach("https://fhir.example", this_machine=False, networks=(ip_network("10.20.0.0/16"),))
        assert [where.leads_to(each) for each in ("10.20.3.4", "::ffff:10.20.3.4", "10.21.0.1", "8.8.8.8")] == [
            *(True, True, False, True)
        ]

    def test_anywhere_for_what_the_settings_name(self) -> None:
        where = reach("https://login.example", networks=ANYWHERE)
        assert all(map(where.leads_to, ("10.20.3.4", "fc00::1", "::ffff:10.20.3.4", "127.0.0.1", "8.8.8.8")))
        assert not where.has("http://login.example/") and not where.has("https://elsewhere.example/")

    def test_the_connection_goes_to_the_address_that_was_checked(
        self, start: Start, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A name is asked for once, so that it cannot lead elsewhere the second time."""
        asked: list[str] = []
        found = socket.getaddrinfo
        server = start(hello)

        def resolve(host: str, *_arguments: Any, **_more: Any) -> list[Any]:
            if host == "127.0.0.1":  # which is no name any more
                return found(host, *_arguments, **_more)
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1" if len(asked) == 1 else "10.0.0.1", 0))]

        with monkeypatch.context() as patched:
            patched.setattr(socket, "getaddrinfo", resolve)
            url = server.origin.replace("127.0.0.1", "localhost")
            with Outgoing(reach(url)) as web:
                assert web.get(url + "/").status == 200
        assert asked == ["localhost"]
        assert server.calls[0].headers["host"].startswith("localhost:")

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_no_redirect_is_followed(self, status: int, start: Start) -> None:
        other = start(hello)
        server = start(lambda _call, handler: answer(handler, b"", status, Location=other.origin + "/"))
        assert refused(reach(server.origin, other.origin), server.origin + "/") == "redirect"
        assert other.calls == []

    def test_nobody_answers(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        assert refused(reach(f"http://127.0.0.1:{port}"), f"http://127.0.0.1:{port}/") == "unreachable"

    def test_what_is_no_http(self, start: Start) -> None:
        server = start(lambda _call, handler: handler.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n"))
        assert refused(reach(server.origin), server.origin + "/") == "unreachable"


class TestLimits:
    def test_two_megabytes_in_all(self, start: Start) -> None:
        server = start(lambda call, handler: answer(handler, b" " * int(call.target[1:])))
        with Outgoing(reach(server.origin), seconds=10) as web:
            assert len(web.get(f"{server.origin}/{MOST_BYTES - 10}").body) == MOST_BYTES - 10
            assert len(web.get(f"{server.origin}/10").body) == 10
            with pytest.raises(OutgoingError, match="too-large"):
                web.get(f"{server.origin}/1")
        assert refused(reach(server.origin), f"{server.origin}/{MOST_BYTES + 1}", seconds=10) == "too-large"

    def test_an_answer_without_an_end(self, start: Start) -> None:
        def endless(_call: Call, handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("Transfer-Encoding", "chunked")
            handler.end_headers()
            while True:
                handler.wfile.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")

        server = start(endless)
        assert refused(reach(server.origin), server.origin + "/", seconds=10) == "too-large"

    def test_a_compressed_answer_is_not_unpacked(self, start: Start) -> None:
        server = start(lambda _call, handler: answer(handler, b"x", Content_Encoding="gzip"))
        assert refused(reach(server.origin), server.origin + "/") == "encoded"

    @pytest.mark.parametrize(
        "first", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"]
    )
    def test_a_byte_now_and_then(self, first: bytes, start: Start) -> None:
        def drip(_call: Call, handler: BaseHTTPRequestHandler) -> None:
            handler.wfile.write(first)
            for _ in range(100):
                if first:
                    handler.wfile.write(b"x")
                time.sleep(0.05)

        server = start(drip)
        before = time.monotonic()
        assert refused(reach(server.origin), server.origin + "/", seconds=0.4) == "too-slow"
        assert time.monotonic() - before < 4  # the whole of it takes five

    def test_a_name_that_is_looked_up_for_ever(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: time.sleep(5))
        before = time.monotonic()
        assert refused(reach("https://fhir.example"), "https://fhir.example/", seconds=0.1) == "too-slow"
        assert time.monotonic() - before < 4

    def test_the_time_is_that_of_all_calls(self, start: Start) -> None:
        server, now = start(hello), [0.0]
        with Outgoing(reach(server.origin), clock=lambda: now[0]) as web:
            web.get(server.origin + "/")
            now[0] = 2.0
            with pytest.raises(OutgoingError, match="too-slow"):
                web.get(server.origin + "/")


class TestCertificates:
    def test_a_hospital_s_own_authority(self, start: Start, tmp_path: Path) -> None:
        certificate = certified(tmp_path)
        server = start(hello, certificate)
        with Outgoing(reach(server.origin, certificates=str(certificate))) as web:
            assert web.get(server.origin + "/").status == 200

    def test_one_that_nobody_trusts(self, start: Start, tmp_path: Path) -> None:
        server = start(hello, certified(tmp_path))
        assert refused(reach(server.origin), server.origin + "/") == "unreachable"

    def test_one_for_another_name(self, start: Start, tmp_path: Path) -> None:
        certificate = certified(tmp_path, "other.example")
        server = start(hello, certificate)
        assert refused(reach(server.origin, certificates=str(certificate)), server.origin + "/") == "unreachable"
