"""Pure: how long an Ogg file plays that holds one stream of Opus, and nothing else."""

from cas_server.pictures.sound_bytes import NotThis

_HEADER = 27
_PER_MS = 48
"""Opus counts 48,000 a second, whatever was recorded."""


def length_ms(content: bytes) -> int:
    """NotThis when a page is broken, or belongs to another stream than the first."""
    at, ends, stream = 0, 0, content[14:18]
    while at < len(content):
        body, following = _page(content, at)
        if content[at + 14 : at + 18] != stream:
            raise NotThis
        if at == 0 and not body.startswith(b"OpusHead"):
            raise NotThis
        granule = int.from_bytes(content[at + 6 : at + 14], "little", signed=True)
        ends = max(ends, granule)
        at = following
    if ends <= 0:
        raise NotThis
    return ends // _PER_MS


def _page(content: bytes, at: int) -> tuple[bytes, int]:
    header = content[at : at + _HEADER]
    if len(header) < _HEADER or not header.startswith(b"OggS\x00"):
        raise NotThis
    sizes = content[at + _HEADER : at + _HEADER + header[26]]
    begins = at + _HEADER + header[26]
    ends = begins + sum(sizes)
    if len(sizes) < header[26] or ends > len(content):
        raise NotThis
    return content[begins:ends], ends
