"""Which network an address belongs to, as far as one can be told from another."""

import ipaddress
from functools import lru_cache


# A press asks several times, and parsing an address costs as much as reading the whole press.
@lru_cache(maxsize=20_000)
def network_of(address: str) -> str:
    """The network an address counts for: IPv4 /24, IPv6 /48; itself when it is no address."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64] or "unknown"
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))
