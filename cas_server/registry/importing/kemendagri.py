"""Pure: Kemendagri codes (35.22.15.2001), and how to tell them from the codes of BPS."""

import re

from cas_server.registry.entries import WilayahKind

_CODE = re.compile(r"\d{2}\.\d{2}(\.\d{2}(\.[123]\d{3})?)?")
_KINDS = {1: WilayahKind.KABUPATEN, 2: WilayahKind.KECAMATAN, 3: WilayahKind.DESA}

# BPS writes two, two, three and three digits: 3522, 3522010, 3522010001.
_BPS_DOTTED = re.compile(r"\d{2}\.\d{2}\.\d{3}(\.\d{3})?")
_DIGITS = re.compile(r"\d{4,10}")


def fault_of(code: str) -> str | None:
    """Why this is no Kemendagri code, or None when it is one."""
    if _CODE.fullmatch(code):
        return None
    if _BPS_DOTTED.fullmatch(code) or (_DIGITS.fullmatch(code) and len(code) in (7, 10)):
        return (
            f"{code} looks like a BPS code; write Kemendagri's, with dots, such as 35.22.15.2001 "
            "(the two number the same kecamatan differently, so they cannot be converted)"
        )
    if _DIGITS.fullmatch(code):
        return f"{code} has no dots; Kemendagri's codes look like 35.22, 35.22.15 or 35.22.15.2001"
    return f"{code} is not a Kemendagri code such as 35.22, 35.22.15 or 35.22.15.2001"


def kind_of(code: str) -> WilayahKind:
    """What a good code stands for."""
    return _KINDS[code.count(".")]


def parent_of(code: str) -> str | None:
    """The code one level up; None above a kabupaten."""
    parent = code.rpartition(".")[0]
    return parent if "." in parent else None


def self_and_above(code: str) -> list[str]:
    """The code and all above it, finest first."""
    found = [code]
    while parent := parent_of(found[-1]):
        found.append(parent)
    return found


def lies_in(code: str, area: str) -> bool:
    """True when `code` is `area` or below it."""
    return code == area or code.startswith(f"{area}.")
