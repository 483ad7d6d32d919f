"""The regency, duty, alarms, offers, journal and outbox"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

from cas_server.journal.tables import TransactionId

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("holder_id", sa.Uuid(), nullable=True),
        sa.Column("satuan_id", sa.Uuid(), nullable=True),
        sa.Column("satuan_path", sa.Text(), server_default="", nullable=False),
        sa.Column("demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("phone", name=op.f("uq_account_phone")),
        sa.UniqueConstraint("username", name=op.f("uq_account_username")),
    )
    op.create_index(op.f("ix_account_holder_id"), "account", ["holder_id"], unique=False)
    op.create_index("ix_account_satuan_path", "account", ["satuan_path"], unique=False)
    op.create_table(
        "attempt",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attempt")),
    )
    op.create_index("ix_attempt_since", "attempt", ["since"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("alarm_id", sa.Uuid(), nullable=False),
        sa.Column("ring", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("radius_m", sa.Double(), nullable=True),
        sa.Column("candidates", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_alarm_id", "decision", ["alarm_id", "id"], unique=False)
    op.create_table(
        "instansi",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instansi")),
        sa.UniqueConstraint("code", name=op.f("uq_instansi_code")),
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "transaction_id",
            TransactionId(),
            server_default=sa.text("pg_current_xact_id()"),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("alarm_id", sa.Uuid(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("satuan_path", sa.Text(), nullable=True),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_alarm_id", "journal", ["alarm_id", "id"], unique=False)
    op.create_index(
        "ix_journal_transaction_id_id", "journal", ["transaction_id", "id"], unique=False
    )
    op.create_geospatial_table(
        "last_position",
        sa.Column("personil_id", sa.Uuid(), nullable=False),
        sa.Column("satuan_path", sa.Text(), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column(
            "at",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "indexed_at",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("accuracy_m", sa.Double(), nullable=False),
        sa.Column("speed_mps", sa.Double(), nullable=True),
        sa.Column("heading_deg", sa.Double(), nullable=True),
        sa.Column("battery_percent", sa.Integer(), nullable=True),
        sa.Column("mock", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("personil_id", name=op.f("pk_last_position")),
        postgresql_with={"fillfactor": 50, "autovacuum_vacuum_scale_factor": 0.02},
    )
    # GeoAlchemy's operation loses the prefix UNLOGGED on its way.
    op.execute("ALTER TABLE last_position SET UNLOGGED")
    op.create_geospatial_index(
        "ix_last_position_indexed_at",
        "last_position",
        ["indexed_at"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "masyarakat",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_masyarakat")),
        sa.UniqueConstraint("phone", name=op.f("uq_masyarakat_phone")),
    )
    op.create_table(
        "one_time_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
    )
    op.create_index(
        "ix_one_time_code_phone_created_at", "one_time_code", ["phone", "created_at"], unique=False
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_run_at", "outbox", ["run_at"], unique=False)
    op.create_table(
        "push_outcome",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("alarm_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_outcome")),
    )
    op.create_index("ix_push_outcome_alarm_id", "push_outcome", ["alarm_id", "id"], unique=False)
    op.create_geospatial_table(
        "satuan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("polres_path", sa.Text(), nullable=False),
        sa.Column(
            "at",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=True,
            ),
            nullable=True,
        ),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column(
            "wilayah_codes",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "settings",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "effective",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('polda', 'polres', 'polsek', 'unit')", name=op.f("ck_satuan_kind")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["satuan.id"], name=op.f("fk_satuan_parent_id_satuan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_satuan")),
        sa.UniqueConstraint("code", name=op.f("uq_satuan_code")),
        sa.UniqueConstraint("path", name=op.f("uq_satuan_path")),
    )
    op.create_geospatial_index(
        "ix_satuan_at", "satuan", ["at"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(op.f("ix_satuan_parent_id"), "satuan", ["parent_id"], unique=False)
    op.create_geospatial_table(
        "track",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("alarm_id", sa.Uuid(), nullable=False),
        sa.Column("personil_id", sa.Uuid(), nullable=False),
        sa.Column(
            "at",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("accuracy_m", sa.Double(), nullable=False),
        sa.Column("speed_mps", sa.Double(), nullable=True),
        sa.Column("heading_deg", sa.Double(), nullable=True),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_track")),
        sa.UniqueConstraint(
            "alarm_id",
            "personil_id",
            "fixed_at",
            name=op.f("uq_track_alarm_id_personil_id_fixed_at"),
        ),
    )
    op.create_geospatial_table(
        "alarm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("status", sa.Text(), server_default="raised", nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pressed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("battery_percent", sa.Integer(), nullable=True),
        sa.Column("reporter_account_id", sa.Uuid(), nullable=True),
        sa.Column("reporter_role", sa.Text(), nullable=False),
        sa.Column("reporter_name", sa.Text(), nullable=False),
        sa.Column("reporter_phone", sa.Text(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.Text(), server_default="app", nullable=False),
        sa.Column(
            "at",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=True,
            ),
            nullable=True,
        ),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("position_source", sa.Text(), nullable=False),
        sa.Column("position_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("satuan_id", sa.Uuid(), nullable=False),
        sa.Column("satuan_path", sa.Text(), nullable=False),
        sa.Column("wilayah_code", sa.Text(), nullable=True),
        sa.Column("wilayah_name", sa.Text(), nullable=True),
        sa.Column("ring", sa.Integer(), nullable=False),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("climb_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("climbed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unanswered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("duress_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("closing_note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('raised', 'accepted', 'en_route', 'on_scene', 'resolved', 'cancelled')",
            name=op.f("ck_alarm_status"),
        ),
        sa.ForeignKeyConstraint(
            ["satuan_id"], ["satuan.id"], name=op.f("fk_alarm_satuan_id_satuan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
        sa.UniqueConstraint("number", name=op.f("uq_alarm_number")),
    )
    op.create_index(
        "ix_alarm_climb_at",
        "alarm",
        ["climb_at"],
        unique=False,
        postgresql_where="climb_at IS NOT NULL",
    )
    op.create_index(
        "ix_alarm_open_reporter_account_id",
        "alarm",
        ["reporter_account_id", "raised_at"],
        unique=False,
    )
    op.create_index(
        "ix_alarm_open_satuan_path",
        "alarm",
        ["satuan_path"],
        unique=False,
        postgresql_where="closed_at IS NULL",
    )
    op.create_index(
        "ix_alarm_satuan_path_raised_at", "alarm", ["satuan_path", "raised_at"], unique=False
    )
    op.create_table(
        "credential",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("scope IN ('session', 'press')", name=op.f("ck_credential_scope")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_credential_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_credential")),
    )
    op.create_index(op.f("ix_credential_account_id"), "credential", ["account_id"], unique=False)
    op.create_table(
        "device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("address_type", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_device_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
        sa.UniqueConstraint("address_type", "address", name=op.f("uq_device_address_type_address")),
    )
    op.create_index(op.f("ix_device_account_id"), "device", ["account_id"], unique=False)
    op.create_table(
        "personil",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("nrp", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rank", sa.Text(), nullable=False),
        sa.Column("satuan_id", sa.Uuid(), nullable=False),
        sa.Column(
            "skills", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["satuan_id"], ["satuan.id"], name=op.f("fk_personil_satuan_id_satuan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personil")),
        sa.UniqueConstraint("nrp", name=op.f("uq_personil_nrp")),
    )
    op.create_index(op.f("ix_personil_satuan_id"), "personil", ["satuan_id"], unique=False)
    op.create_geospatial_table(
        "site",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("instansi_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column(
            "at",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "contacts",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("responder_notes", sa.Text(), server_default="", nullable=False),
        sa.Column("demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["instansi_id"], ["instansi.id"], name=op.f("fk_site_instansi_id_instansi")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("code", name=op.f("uq_site_code")),
    )
    op.create_geospatial_index(
        "ix_site_at", "site", ["at"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_index(op.f("ix_site_instansi_id"), "site", ["instansi_id"], unique=False)
    op.create_table(
        "alarm_alias",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alarm_id", sa.Uuid(), nullable=False),
        sa.Column("pressed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alarm_id"], ["alarm.id"], name=op.f("fk_alarm_alias_alarm_id_alarm")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_alias")),
    )
    op.create_index(op.f("ix_alarm_alias_alarm_id"), "alarm_alias", ["alarm_id"], unique=False)
    op.create_geospatial_table(
        "alarm_fix",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("alarm_id", sa.Uuid(), nullable=False),
        sa.Column(
            "at",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("accuracy_m", sa.Double(), nullable=False),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["alarm_id"], ["alarm.id"], name=op.f("fk_alarm_fix_alarm_id_alarm")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_fix")),
        sa.UniqueConstraint("alarm_id", "fixed_at", name=op.f("uq_alarm_fix_alarm_id_fixed_at")),
    )
    op.create_table(
        "duty",
        sa.Column("personil_id", sa.Uuid(), nullable=False),
        sa.Column("satuan_path", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("availability", sa.Text(), server_default="available", nullable=False),
        sa.Column("alarm_id", sa.Uuid(), nullable=True),
        sa.Column("alarm_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("old_fixes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("future_fixes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("impossible_fixes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("mock_fixes", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "availability IN ('available', 'busy', 'break')", name=op.f("ck_duty_availability")
        ),
        sa.ForeignKeyConstraint(
            ["personil_id"], ["personil.id"], name=op.f("fk_duty_personil_id_personil")
        ),
        sa.PrimaryKeyConstraint("personil_id", name=op.f("pk_duty")),
    )
    op.create_index(
        "ix_duty_on_alarm_personil_id",
        "duty",
        ["personil_id"],
        unique=False,
        postgresql_where="alarm_id IS NOT NULL",
    )
    op.create_index("ix_duty_satuan_path", "duty", ["satuan_path"], unique=False)
    op.create_table(
        "escalation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("alarm_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("satuan_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alarm_id"], ["alarm.id"], name=op.f("fk_escalation_alarm_id_alarm")
        ),
        sa.ForeignKeyConstraint(
            ["satuan_id"], ["satuan.id"], name=op.f("fk_escalation_satuan_id_satuan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )
    op.create_index("ix_escalation_alarm_id", "escalation", ["alarm_id", "id"], unique=False)
    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alarm_id", sa.Uuid(), nullable=False),
        sa.Column("personil_id", sa.Uuid(), nullable=False),
        sa.Column("ring", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receive_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unreached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decline_reason", sa.Text(), nullable=True),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'expired', 'stood_down')",
            name=op.f("ck_offer_state"),
        ),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarm.id"], name=op.f("fk_offer_alarm_id_alarm")),
        sa.ForeignKeyConstraint(
            ["personil_id"], ["personil.id"], name=op.f("fk_offer_personil_id_personil")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint(
            "alarm_id", "personil_id", "ring", name=op.f("uq_offer_alarm_id_personil_id_ring")
        ),
    )
    op.create_index(
        "ix_offer_open_expires_at",
        "offer",
        ["expires_at"],
        unique=False,
        postgresql_where="state = 'open'",
    )
    op.create_index(
        "ix_offer_personil_id_answered_at",
        "offer",
        ["personil_id", "answered_at"],
        unique=False,
    )
    op.create_index(
        "ix_offer_open_receive_by",
        "offer",
        ["receive_by"],
        unique=False,
        postgresql_where="state = 'open' AND received_at IS NULL AND unreached_at IS NULL",
    )
    op.create_table(
        "responder",
        sa.Column("alarm_id", sa.Uuid(), nullable=False),
        sa.Column("personil_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("en_route_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("on_scene_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_reason", sa.Text(), nullable=True),
        sa.Column("assigned_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("part IN ('primary', 'backup')", name=op.f("ck_responder_part")),
        sa.CheckConstraint(
            "state IN ('accepted', 'en_route', 'on_scene', 'released')",
            name=op.f("ck_responder_state"),
        ),
        sa.ForeignKeyConstraint(
            ["alarm_id"], ["alarm.id"], name=op.f("fk_responder_alarm_id_alarm")
        ),
        sa.ForeignKeyConstraint(
            ["personil_id"], ["personil.id"], name=op.f("fk_responder_personil_id_personil")
        ),
        sa.PrimaryKeyConstraint("alarm_id", "personil_id", name=op.f("pk_responder")),
    )
    op.create_index(
        "ix_responder_personil_id",
        "responder",
        ["personil_id"],
        unique=False,
        postgresql_where="state <> 'released'",
    )
    op.create_index(
        "uq_responder_primary",
        "responder",
        ["alarm_id"],
        unique=True,
        postgresql_where="part = 'primary' AND state <> 'released'",
    )
    op.create_geospatial_table(
        "wilayah",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column(
            "area",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "label_at",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("satuan_id", sa.Uuid(), nullable=False),
        sa.Column("bhabinkamtibmas_id", sa.Uuid(), nullable=True),
        sa.Column("approximate", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('kabupaten', 'kecamatan', 'desa')", name=op.f("ck_wilayah_kind")
        ),
        sa.ForeignKeyConstraint(
            ["bhabinkamtibmas_id"],
            ["personil.id"],
            name=op.f("fk_wilayah_bhabinkamtibmas_id_personil"),
        ),
        sa.ForeignKeyConstraint(
            ["satuan_id"], ["satuan.id"], name=op.f("fk_wilayah_satuan_id_satuan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wilayah")),
        sa.UniqueConstraint("code", name=op.f("uq_wilayah_code")),
    )
    op.create_geospatial_index(
        "ix_wilayah_area",
        "wilayah",
        ["area"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_wilayah_satuan_id"), "wilayah", ["satuan_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_wilayah_satuan_id"), table_name="wilayah")
    op.drop_geospatial_index(
        "ix_wilayah_area", table_name="wilayah", postgresql_using="gist", column_name="area"
    )
    op.drop_geospatial_table("wilayah")
    op.drop_index(
        "uq_responder_primary",
        table_name="responder",
        postgresql_where="part = 'primary' AND state <> 'released'",
    )
    op.drop_index(
        "ix_responder_personil_id", table_name="responder", postgresql_where="state <> 'released'"
    )
    op.drop_table("responder")
    op.drop_index(
        "ix_offer_open_receive_by",
        table_name="offer",
        postgresql_where="state = 'open' AND received_at IS NULL AND unreached_at IS NULL",
    )
    op.drop_index("ix_offer_personil_id_answered_at", table_name="offer")
    op.drop_index("ix_offer_open_expires_at", table_name="offer", postgresql_where="state = 'open'")
    op.drop_table("offer")
    op.drop_index("ix_escalation_alarm_id", table_name="escalation")
    op.drop_table("escalation")
    op.drop_index("ix_duty_satuan_path", table_name="duty")
    op.drop_index(
        "ix_duty_on_alarm_personil_id", table_name="duty", postgresql_where="alarm_id IS NOT NULL"
    )
    op.drop_table("duty")
    op.drop_geospatial_table("alarm_fix")
    op.drop_index(op.f("ix_alarm_alias_alarm_id"), table_name="alarm_alias")
    op.drop_table("alarm_alias")
    op.drop_index(op.f("ix_site_instansi_id"), table_name="site")
    op.drop_geospatial_index(
        "ix_site_at", table_name="site", postgresql_using="gist", column_name="at"
    )
    op.drop_geospatial_table("site")
    op.drop_index(op.f("ix_personil_satuan_id"), table_name="personil")
    op.drop_table("personil")
    op.drop_index(op.f("ix_device_account_id"), table_name="device")
    op.drop_table("device")
    op.drop_index(op.f("ix_credential_account_id"), table_name="credential")
    op.drop_table("credential")
    op.drop_index("ix_alarm_satuan_path_raised_at", table_name="alarm")
    op.drop_index(
        "ix_alarm_open_satuan_path", table_name="alarm", postgresql_where="closed_at IS NULL"
    )
    op.drop_index("ix_alarm_open_reporter_account_id", table_name="alarm")
    op.drop_index("ix_alarm_climb_at", table_name="alarm", postgresql_where="climb_at IS NOT NULL")
    op.drop_geospatial_table("alarm")
    op.drop_geospatial_table("track")
    op.drop_index(op.f("ix_satuan_parent_id"), table_name="satuan")
    op.drop_geospatial_index(
        "ix_satuan_at", table_name="satuan", postgresql_using="gist", column_name="at"
    )
    op.drop_geospatial_table("satuan")
    op.drop_index("ix_push_outcome_alarm_id", table_name="push_outcome")
    op.drop_table("push_outcome")
    op.drop_index("ix_outbox_run_at", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("ix_one_time_code_phone_created_at", table_name="one_time_code")
    op.drop_table("one_time_code")
    op.drop_table("masyarakat")
    op.drop_geospatial_index(
        "ix_last_position_indexed_at",
        table_name="last_position",
        postgresql_using="gist",
        column_name="indexed_at",
    )
    op.drop_geospatial_table("last_position")
    op.drop_index("ix_journal_transaction_id_id", table_name="journal")
    op.drop_index("ix_journal_alarm_id", table_name="journal")
    op.drop_table("journal")
    op.drop_table("instansi")
    op.drop_index("ix_decision_alarm_id", table_name="decision")
    op.drop_table("decision")
    op.drop_index("ix_attempt_since", table_name="attempt")
    op.drop_table("attempt")
    op.drop_index("ix_account_satuan_path", table_name="account")
    op.drop_index(op.f("ix_account_holder_id"), table_name="account")
    op.drop_table("account")
