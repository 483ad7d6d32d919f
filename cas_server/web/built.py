"""Where the built web clients are."""

from pathlib import Path

CLIENTS = ("komando", "masyarakat", "instansi", "personil")

_PACKAGE = Path(__file__).parent.parent


def built(client: str) -> Path | None:
    """Its folder in the package, or beside it in a checkout; None when it is not built."""
    places = (_PACKAGE / "pages" / client, _PACKAGE.parent / "clients" / client / "dist")
    return next((place for place in places if (place / "index.html").is_file()), None)
