"""Makes one picture anew from what a stranger sent: smaller, upright, and without anything else.

python -m cas_server.pictures.develop < UPLOAD > PICTURE. A process of its own, for one picture:
what a broken or hostile file does to a decoder ends with it, and memory and time have limits.
Ends with 0 and a JPEG, or with REFUSED and nothing.
"""

import io
import os
import sys

from PIL import Image, ImageOps

from cas_server.pictures.form import LONGEST_SIDE, MOST_PIXELS, Claim, measure

REFUSED = 3
QUALITY = 82
MEMORY_BYTES = 1_200_000_000
PROCESSOR_S = 15
POLITE = 10


def hold_back() -> None:
    """Give way to presses, and end rather than take more than a picture can need."""
    if sys.platform == "win32":
        return
    import resource

    os.setpriority(os.PRIO_PROCESS, 0, POLITE)  # whatever the server's own is
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_S, PROCESSOR_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def developed(content: bytes, claim: Claim) -> bytes:
    """A JPEG of our own making; whatever the decoder raises is the file's fault."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(io.BytesIO(content), formats=[claim.form]) as image:
        if image.size != (claim.width, claim.height):
            raise ValueError("it says two sizes")
        # A JPEG is decoded at about the size that is kept, so that most of it costs no memory.
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        # On paper as white as our own: no comment, place, profile or preview comes along.
        upright = _upright_rgba(image)
        clean = Image.new("RGB", upright.size, "white")
        clean.paste(upright, mask=upright.getchannel("A"))
    made = io.BytesIO()
    clean.save(made, "JPEG", quality=QUALITY)
    return made.getvalue()


def _upright_rgba(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image).convert("RGBA")
    except Exception:  # noqa: BLE001 - a broken EXIF costs the picture its orientation only
        return image.convert("RGBA")


def main() -> None:
    hold_back()
    content = sys.stdin.buffer.read()
    try:
        made = developed(content, measure(content))
    except Exception:  # noqa: BLE001 - decoders raise whatever they like at what they do not know
        sys.exit(REFUSED)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
