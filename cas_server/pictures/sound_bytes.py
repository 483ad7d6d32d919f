"""Pure: what the readers of the three sound containers share."""


class NotThis(Exception):
    """These bytes are not what their beginning says."""


def number(content: bytes, at: int, size: int) -> int:
    """An unsigned number, the greatest byte first; NotThis when it is not all there."""
    if at < 0 or at + size > len(content):
        raise NotThis
    return int.from_bytes(content[at : at + size], "big")
