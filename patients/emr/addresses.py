"""Which servers may be called: EMRs whose hosts are known, at the address that was looked up and looked at.

A clinic admin types the address of an EMR, and a server names further ones (`next`, bulk files, where tokens are given
out). Each is held against the list of hosts, its name is resolved once, and the connection goes to exactly the address
that was found good, so that a name which changes its address meanwhile leads nowhere else.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass

import httpx
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from patients.emr.errors import AddressRefused, NameUnknown

# Hosts of the vendors themselves; a leading dot stands for everything below. A health system's own: EMR_HOSTS.
KNOWN_HOSTS = (".epic.com", ".cerner.com", ".athenahealth.com")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
PORTS = frozenset({443, 8443})
NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))+")
LONGEST = 2000
# Public by number, but answering for the machine that asks: Azure's wire server.
PECULIAR = frozenset({ipaddress.ip_address("168.63.129.16")})
NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Place:
    """Where a request goes: the host that it names, and the one address that it connects to."""

    host: str
    address: str


def check_url(url, hosts=None):
    """Return the parsed address if its form and host may be called. Looks nothing up. Raises AddressRefused.

    `hosts` are those of another service than the EMRs, as a list of the same kind.
    """
    text = str(url)
    if len(text) > LONGEST or not text.isascii() or re.search(r"[\s\\\x00-\x1f\x7f]", text):
        raise AddressRefused
    try:
        parsed = httpx.URL(text)
        port = parsed.port
    except (httpx.InvalidURL, ValueError):
        raise AddressRefused from None
    host = parsed.host.lower()
    if parsed.userinfo or "@" in text.partition("?")[0] or parsed.fragment or not host:
        raise AddressRefused
    if is_own_machine(host):
        if parsed.scheme not in ("http", "https"):
            raise AddressRefused
        return parsed
    if parsed.scheme != "https":
        raise AddressRefused(_("Only addresses that begin with https:// are called."))
    if port not in (None, *PORTS) or not NAME.fullmatch(host) or not is_listed(host, hosts):
        raise AddressRefused
    return parsed


def is_listed(host, hosts=None):
    """Tell whether a host is on the list: by name, or below an entry that begins with a dot."""
    entries = [entry.lower() for entry in hosts or (*KNOWN_HOSTS, *settings.EMR_HOSTS)]
    return any(host.endswith(entry) if entry.startswith(".") else host == entry for entry in entries)


def is_own_machine(host):
    """A double on this machine, for trying things out: never on a server that the public reaches."""
    return settings.LOCAL and host in LOOPBACK


def same_origin(url, other):
    """Whether two addresses lead to one server: only there a token is sent along."""
    one, two = httpx.URL(str(url)), httpx.URL(str(other))
    return (one.scheme, one.host.lower(), _port(one)) == (two.scheme, two.host.lower(), _port(two))


def _port(url):
    return url.port or {"https": 443, "http": 80}.get(url.scheme)


def look_up(host, port):
    """Every address of a host, as the system's name service tells. Raises NameUnknown."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NameUnknown(detail=host) from None
    return [entry[4][0] for entry in found]


def place_of(url, *, look_up=look_up, hosts=None):
    """Resolve an address once; returns the Place to connect to. Raises AddressRefused, NameUnknown.

    One address among several that is not public is enough to refuse the host.
    """
    parsed = check_url(url, hosts)
    host = parsed.host.lower()
    addresses = look_up(host, _port(parsed))
    if not addresses:
        raise NameUnknown(detail=host)
    is_good = is_loopback if is_own_machine(host) else is_public
    if not all(is_good(address) for address in addresses):
        raise AddressRefused(_("This name leads into a network that is not public."))
    return Place(host, addresses[0])


def is_loopback(address):
    return ipaddress.ip_address(address).is_loopback


def is_public(address):
    """Tell whether an address (text) belongs to the public net, also what is wrapped inside of IPv6."""
    try:
        number = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if number.version == 6:
        inner = number.ipv4_mapped or number.sixtofour or (number.teredo and number.teredo[1])
        if number in NAT64:
            inner = ipaddress.ip_address(int(number) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
        if number.is_site_local or int(number) >> 32 == 0:  # ::a.b.c.d, once meant for the same
            return False
    is_special = number.is_private or number.is_loopback or number.is_link_local or number.is_reserved
    within_protocols = number.version == 4 and number in ipaddress.ip_network("192.0.0.0/24")
    if is_special or number.is_multicast or number.is_unspecified or within_protocols or number in PECULIAR:
        return False
    return number.is_global


class PinnedTransport(httpx.BaseTransport):
    """Sends each request to the address that its host was checked and resolved to; certificates are held to the name.

    Connections are kept for each host apart, so that two names at one address never share what was proved for one.
    """

    def __init__(self, *, look_up=look_up, verify=True, hosts=None):
        self._hosts = hosts
        self._look_up, self._verify, self._places, self._transports = look_up, verify, {}, {}

    def handle_request(self, request):
        key = (request.url.scheme, request.url.host, _port(request.url))
        check_url(request.url, self._hosts)
        if key not in self._places:
            self._places[key] = place_of(request.url, look_up=self._look_up, hosts=self._hosts)
            self._transports[key] = httpx.HTTPTransport(verify=self._verify, trust_env=False)
        place = self._places[key]
        sent = httpx.Request(
            request.method,
            request.url.copy_with(host=place.address),
            headers=request.headers,  # the Host among them, as it was named
            stream=request.stream,
            extensions=request.extensions | {"sni_hostname": place.host},
        )
        return self._transports[key].handle_request(sent)

    def close(self):
        for transport in self._transports.values():
            transport.close()
