"""Addresses of the internet and of devices on it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cleanhold.builtins.checks.listing import listed
from cleanhold.builtins.checks.shapes import shaped, text_rule, whole
from cleanhold.builtins.patterns import EMAIL, UUID
from cleanhold.core.rule import ColumnRule
from cleanhold.errors import ContractError

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_HEX = "[0-9A-Fa-f]{1,4}"


def _ipv6() -> str:
    """RFC 4291, 2.2: eight groups, `::` for a run of them, an IPv4 address for the last two."""
    tail = f"(?:{_HEX}:{_HEX}|{_IPV4})"
    ways = [f"(?:{_HEX}:){{6}}{tail}"]
    for after in range(5, -1, -1):  # groups between `::` and the tail
        before = 5 - after
        left = f"(?:(?:{_HEX}:){{0,{before - 1}}}{_HEX})?" if before else ""
        ways.append(f"{left}::" + (f"(?:{_HEX}:){{{after}}}" if after else "") + tail)
    ways += [f"(?:(?:{_HEX}:){{0,5}}{_HEX})?::{_HEX}", f"(?:(?:{_HEX}:){{0,6}}{_HEX})?::"]
    return "|".join(ways)


@listed(
    passes=["ada@example.org", "a.b+c@mail.example.co.uk", "o'neil@example.com"],
    fails=["ada@example", "ada example.org", "a..b@example.org", ".a@example.org", "a@-x.org"],
)
def email() -> ColumnRule:
    """An e-mail address as people write it. Source: RFC 5321, 4.1.2 and 4.5.3.1, without quoted
    local parts and address literals.
    """

    def judge(text: pl.Expr) -> pl.Expr:
        return (
            whole(text, EMAIL)
            & ~text.str.contains(r"\A\.|\.\.|\.@|@-|-\.|\A[^@]{65}")
            & (text.str.len_bytes() <= 254)
        )

    return text_rule("email", "is not an e-mail address", judge)


@listed(
    passes=["https://example.org", "http://example.org:8080/a?b=c#d", "https://[::1]/"],
    fails=[
        "example.org",
        "ftp://example.org",
        "https://",
        "https://a b.org",
        "javascript:alert(1)",
    ],
)
def url(schemes: Sequence[str] = ("http", "https")) -> ColumnRule:
    """An absolute address with a scheme and a host. Source: RFC 3986, ASCII only.

    Args:
        schemes: that are taken.

    Raises:
        ContractError: a scheme is not the name of one.
    """
    for scheme in schemes:
        if not (scheme.isascii() and scheme.replace("+", "").isalnum()):
            raise ContractError(f"{scheme!r} is not a scheme", next="write schemes=['https']")
    named = "|".join(s.replace("+", r"\+") for s in schemes)
    pattern = (
        rf"(?i:{named})://(?:[A-Za-z0-9._~%!$&'()*+,;=:-]*@)?(?:{_HOST}|\[(?:{_ipv6()})\])"
        r"(?::[0-9]{1,5})?(?:[/?#][!$&-;=?-Z_a-z~#%\[\]@]*)?"
    )
    return shaped("url", f"is not an address that begins with {' or '.join(schemes)}", pattern)


@listed(passes=["example.org", "localhost", "a-b.c"], fails=["-a.org", "a_b.org", "a..b", "ä.org"])
def hostname() -> ColumnRule:
    """A name of a host. Source: RFC 1123, 2.1."""
    return text_rule(
        "hostname",
        "is not a host name",
        lambda text: whole(text, _HOST) & (text.str.len_bytes() <= 253),
    )


@listed(passes=["192.0.2.1", "0.0.0.0"], fails=["192.0.2.256", "192.0.2", "192.0.02.1", "::1"])
def ipv4() -> ColumnRule:
    """An IPv4 address in four numbers without leading zeros. Source: RFC 3986, 3.2.2."""
    return shaped("ipv4", "is not an IPv4 address", _IPV4)


@listed(
    passes=["2001:db8::1", "::", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8", "1::"],
    fails=["2001:db8:::1", "1:2:3:4:5:6:7", "12345::", "1::2::3", "192.0.2.1"],
)
def ipv6() -> ColumnRule:
    """An IPv6 address, without a zone. Source: RFC 4291, 2.2."""
    return shaped("ipv6", "is not an IPv6 address", _ipv6())


@listed(passes=["192.0.2.1", "2001:db8::1"], fails=["192.0.2.256", "localhost", ""])
def ip_address() -> ColumnRule:
    """An IPv4 or IPv6 address. Source: RFC 4291, RFC 3986."""
    return shaped("ip_address", "is not an IP address", f"{_IPV4}|{_ipv6()}")


@listed(passes=["192.0.2.0/24", "2001:db8::/32"], fails=["192.0.2.0/33", "192.0.2.0", "::/129"])
def cidr() -> ColumnRule:
    """A network: an IP address, a slash and the length of its prefix. Source: RFC 4632, 4291."""
    four = f"(?:{_IPV4})/(?:3[0-2]|[12]?[0-9])"
    six = f"(?:{_ipv6()})/(?:12[0-8]|1[01][0-9]|[1-9]?[0-9])"
    return shaped("cidr", "is not a network like 192.0.2.0/24", f"{four}|{six}")


@listed(
    passes=["00:1A:2b:3c:4d:5e", "00-1a-2b-3c-4d-5e", "001a.2b3c.4d5e"],
    fails=["00:1a:2b:3c:4d", "00:1a-2b:3c:4d:5e", "001a2b3c4d5g"],
)
def mac_address() -> ColumnRule:
    """A 48-bit hardware address in pairs (colons or dashes) or fours (dots). Source: IEEE 802."""
    pair = "[0-9A-Fa-f]{2}"
    four = "[0-9A-Fa-f]{4}"
    pattern = rf"{pair}(?::{pair}){{5}}|{pair}(?:-{pair}){{5}}|{four}\.{four}\.{four}"
    return shaped("mac_address", "is not a hardware (MAC) address", pattern)


@listed(
    passes=["f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "F81D4FAE-7DEC-41D0-A765-00A0C91E6BF6"],
    fails=["f81d4fae7dec11d0a76500a0c91e6bf6", "f81d4fae-7dec-11d0-a765-00a0c91e6bf"],
)
def uuid(version: int | None = None) -> ColumnRule:
    """A UUID with its dashes. Source: RFC 9562.

    Args:
        version: that it must be of, 1 to 8; any (nil and max too) if None.

    Raises:
        ContractError: there is no such version.
    """
    if version is None:
        return shaped("uuid", "is not a UUID", UUID)
    if version not in range(1, 9):
        raise ContractError(f"version={version!r} is no version of UUIDs", next="use 1 to 8")
    four = "[0-9a-fA-F]{4}"
    pattern = (
        f"[0-9a-fA-F]{{8}}-{four}-{version}[0-9a-fA-F]{{3}}-[89abAB][0-9a-fA-F]{{3}}"
        "-[0-9a-fA-F]{12}"
    )
    return shaped("uuid", f"is not a UUID of version {version}", pattern)


@listed(passes=["a-good-name", "2026"], fails=["A-Name", "a--b", "-a", "a_b", "a name"])
def slug() -> ColumnRule:
    """Lower-case words joined by dashes, as in addresses of pages."""
    return shaped("slug", "is not lower-case words joined by dashes", "[a-z0-9]+(?:-[a-z0-9]+)*")
