"""Names and tokens of the crowd, so that a load can make them up by itself."""

from datetime import datetime

OPERATOR_TOKEN = "cas_bench_operator"  # noqa: S105 - of a database that is gone afterwards


def citizen_token(number: int) -> str:
    """The press credential of the n-th citizen, from 1."""
    return f"cas_bench_citizen_{number}"


def personil_token(number: int) -> str:
    """The session of the n-th Personil, from 1."""
    return f"cas_bench_personil_{number}"


def fix_frame(lat: float, lon: float, at: datetime) -> str:
    """A Personil's position as it goes over the socket."""
    return (
        f'{{"type":"fix","lat":{lat:.6f},"lon":{lon:.6f},"accuracy_m":10,"speed_mps":4,'
        f'"fixed_at":"{at.isoformat()}"}}'
    )
