"""Where a request comes from, for counting how often somebody asks."""

from __future__ import annotations

import ipaddress


def client_address(peer: str, forwarded_for: str, *, behind_proxy: bool) -> str:
    """The address to count against: an IPv4 address, or the /64 of an IPv6 one (one household has that many).

    peer: who holds the connection. forwarded_for: X-Forwarded-For, believed only behind our own proxy, and there only
    its last entry, which the proxy itself wrote; the others are whatever the client likes.
    """
    written = forwarded_for.rpartition(",")[2].strip() if behind_proxy and forwarded_for else peer
    try:
        address = ipaddress.ip_address(written.strip("[]").partition("%")[0])
    except ValueError:
        return peer[:64]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
