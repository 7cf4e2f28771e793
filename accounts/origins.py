"""Which places of the network may be reached: origins by name, and the addresses that their names may lead to."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network

PORTS = {"https": 443, "http": 80}
# For what an administrator's settings name, and nobody else can: it may lie wherever it does.
ANYWHERE: tuple[Network, ...] = (ip_network("0.0.0.0/0"), ip_network("::/0"))
# IPv6 addresses that lead on to an IPv4 address inside them: NAT64, 6to4, Teredo.
_LEADING_ON = tuple(map(ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


def origin_of(url: str) -> str:
    """Scheme, host and port of an address as a browser writes them: https://fhir.example, https://fhir.example:8443.

    Raises ValueError for what is no address of the web, or names a user.
    """
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise ValueError("an address in plain ASCII without spaces is wanted")
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError("an address such as https://fhir.example/r4 is wanted, without a user")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = parts.port
    return f"{parts.scheme}://{host}" + (f":{port}" if port is not None and port != PORTS[parts.scheme] else "")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Reach:
    """What may be reached.

    origins       as `origin_of` writes them
    networks      private ones that they may lie in; ANYWHERE: all there are
    this_machine  http and this machine are allowed, where those who test or administer say so
    certificates  a PEM file of authorities that are trusted beside the public ones; "" for none
    """

    origins: frozenset[str]
    networks: tuple[Network, ...] = ()
    this_machine: bool = False
    certificates: str = ""

    def has(self, url: str) -> bool:
        """Whether an address is of an origin that is listed; plain http is this machine's alone."""
        try:
            origin = origin_of(url)
        except ValueError:
            return False
        parts = urlsplit(url)
        is_secure = parts.scheme == "https" or (self.this_machine and is_loopback(parts.hostname or ""))
        return is_secure and origin in self.origins

    def leads_to(self, written: str) -> bool:
        """Whether a name may lead to an address: a public one, or one of a network that is listed."""
        address: IPv4Address | IPv6Address = ip_address(written.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        if address.is_loopback:
            return self.this_machine
        if any(address in network for network in self.networks):
            return True
        is_inside = any(address in network for network in _LEADING_ON)
        return address.is_global and not address.is_multicast and not is_inside
