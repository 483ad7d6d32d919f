"""Alarms of one event, merged under the one that leads"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# A view reads with its owner's eyes: whoever sees a merged alarm may know how far its lead is, in
# figures, and never whose it is.
JOINT_RESPONSE = """
CREATE VIEW joint_response AS
SELECT b.id AS alarm_id, lead.id AS lead_id, lead.number, lead.version,
    coalesce((SELECT r.state FROM responder r WHERE r.alarm_id = lead.id AND r.state <> 'released'
        ORDER BY array_position(ARRAY['on_scene', 'en_route', 'accepted'], r.state) LIMIT 1),
        'raised') AS status,
    (SELECT count(DISTINCT o.personil_id) FROM offer o WHERE o.alarm_id IN (b.id, lead.id))
        AS called,
    (SELECT count(*) FROM responder r WHERE r.alarm_id = lead.id AND r.state <> 'released')
        AS coming,
    (SELECT min(r.on_scene_at) FROM responder r WHERE r.alarm_id IN (b.id, lead.id))
        AS on_scene_at,
    (SELECT min(o.expires_at) FROM offer o WHERE o.alarm_id = lead.id AND o.state = 'open')
        AS next_check_at,
    (SELECT min(ST_Distance(l.at::geography, b.at::geography)) FROM responder r
        JOIN last_position l ON l.personil_id = r.personil_id
        WHERE r.alarm_id = lead.id AND r.state IN ('accepted', 'en_route')) AS nearest_m
FROM alarm b JOIN alarm lead ON lead.id = b.merged_into
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("alarm", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_alarm_merged_into_alarm"), "alarm", "alarm", ["merged_into"], ["id"]
    )
    op.create_index(
        op.f("ix_alarm_merged_into"),
        "alarm",
        ["merged_into"],
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.execute(JOINT_RESPONSE)


def downgrade() -> None:
    op.execute("DROP VIEW joint_response")
    op.drop_column("alarm", "merged_into")
