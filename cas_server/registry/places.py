"""Finds places by what a caller says: Wilayah and sites, by parts of their names."""

from cas_server.db.session import ReadSession
from cas_server.identity.subject import Subject
from cas_server.registry.queries import SATUAN_OF_SITE
from cas_server.registry.views import FoundPlace

MOST = 12
MOST_WORDS = 8
SITE_OFF_M = 30
"""A site stands at its door: somebody inside it is about so far from there."""

# What lies in one's own ground comes first, then what begins with the words; only the few that are
# shown are measured. Sites of other grounds are not shown: their names are their Polres' affair.
_FIND = f"""
SELECT kind, name, within, lat, lon,
       coalesce(sqrt(ST_Area(area::geography) / pi()), {SITE_OFF_M}) AS accuracy_m
FROM (
    SELECT * FROM (
        SELECT w.kind, w.name, above.name AS within, ST_Y(w.label_at) AS lat,
               ST_X(w.label_at) AS lon, w.area, starts_with(satuan.path, $2) AS own
        FROM wilayah w
        JOIN satuan ON satuan.id = w.satuan_id
        LEFT JOIN wilayah above ON above.code = w.parent_code
        WHERE lower(concat_ws(' ', w.kind, w.name, above.name)) LIKE ALL ($1)
        UNION ALL
        SELECT 'site', site.name, site.address, ST_Y(site.at), ST_X(site.at), NULL, true
        FROM site
        JOIN instansi ON instansi.id = site.instansi_id
        JOIN satuan ON satuan.id = {SATUAN_OF_SITE}
        WHERE lower(concat_ws(' ', site.name, instansi.name, site.address)) LIKE ALL ($1)
          AND instansi.closed_at IS NULL AND starts_with(satuan.path, $2)
    ) found
    ORDER BY own DESC, starts_with(lower(name), $3) DESC, kind = 'desa', name, within
    LIMIT {MOST}
) shown
"""  # noqa: S608 - constants only


async def find(session: ReadSession, subject: Subject, text: str) -> list[FoundPlace]:
    """Places that have every word of the text in their name or in what they lie in; at most 12."""
    words = text.lower().replace(",", " ").split()[:MOST_WORDS]
    if not words:
        return []
    patterns = [f"%{_literal(word)}%" for word in words]
    rows = await session.sql.fetch(_FIND, patterns, subject.satuan_path, words[0])
    return [FoundPlace(**row) for row in rows]


def _literal(word: str) -> str:
    """Signs that LIKE would read as its own stand for themselves."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
