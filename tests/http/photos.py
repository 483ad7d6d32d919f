"""Real pictures, good and bad, as phones and strangers send them."""

import io
import struct
import zlib

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

LAT, LON = 7.1502, 111.8817
TELLTALE = "dibuat dengan ponsel milik Sari"
UPRIGHT, ON_ITS_SIDE = 1, 6


def painted(width: int = 640, height: int = 480, mode: str = "RGB") -> Image.Image:
    """A picture whose left half is red and whose right half is blue."""
    image = Image.new(mode, (width, height), "blue" if mode == "RGB" else (0, 0, 255, 255))
    image.paste((255, 0, 0) if mode == "RGB" else (255, 0, 0, 255), (0, 0, width // 2, height))
    return image


def photo(form: str = "JPEG", *, width: int = 640, height: int = 480) -> bytes:
    """A plain good one."""
    made = io.BytesIO()
    painted(width, height, "RGBA" if form != "JPEG" else "RGB").save(made, form)
    return made.getvalue()


def telling(orientation: int = UPRIGHT) -> bytes:
    """A JPEG that says where, when and with what it was made, in every way a JPEG can."""
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    exif[Base.Make] = TELLTALE
    gps = exif.get_ifd(IFD.GPSInfo)
    gps[GPS.GPSLatitudeRef], gps[GPS.GPSLatitude] = "S", (LAT, 0.0, 0.0)
    gps[GPS.GPSLongitudeRef], gps[GPS.GPSLongitude] = "E", (LON, 0.0, 0.0)
    made = io.BytesIO()
    painted().save(
        made,
        "JPEG",
        exif=exif,
        comment=TELLTALE.encode(),
        xmp=f"<x:xmpmeta>{TELLTALE}</x:xmpmeta>".encode(),
    )
    return made.getvalue() + TELLTALE.encode()


def with_broken_exif() -> bytes:
    """A good picture behind an EXIF that is garbage."""
    good = photo()
    garbage = b"Exif\x00\x00MM\x00*\xff\xff\xff\xf0" + b"\xff" * 40
    return good[:2] + b"\xff\xe1" + struct.pack(">H", len(garbage) + 2) + garbage + good[2:]


def _chunk(kind: bytes, content: bytes) -> bytes:
    whole = kind + content
    return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))


def png_claiming(width: int, height: int, rows: int = 1) -> bytes:
    """A PNG of a few bytes that claims to be as large as it likes."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    lines = zlib.compress(bytes((width // 8 + 2) * rows), 9)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", lines) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def webp_claiming(width: int, height: int) -> bytes:
    """An extended WebP that claims a canvas, with nothing on it."""
    canvas = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    chunk = b"VP8X" + struct.pack("<I", 10) + b"\x00\x00\x00\x00" + canvas
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk
