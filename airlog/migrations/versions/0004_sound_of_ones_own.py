"""sound of one's own: pronunciations, recordings by people, a station's jingle and manner, more items in a week;
and a small index of rows without a job"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "pronunciation",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("layer", sa.String(24), nullable=False),
        sa.Column("word", sa.String(80), nullable=False),
        sa.Column("reads", sa.String(200), nullable=True),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("by_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("at", _WHEN, nullable=False),
    )
    op.create_index("ix_pronunciation_layer", "pronunciation", ["layer", "word"])
    op.create_table(
        "recording",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("item_version_id", sa.Integer(), sa.ForeignKey("item_version.id"), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("reader", sa.String(120), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("original_name", sa.String(120), nullable=False),
        sa.Column("original_path", sa.Text(), nullable=False),
        sa.Column("original_sha256", sa.String(64), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", _WHEN, nullable=False),
        sa.Column("withdrawn_at", _WHEN, nullable=True),
        sa.Column("cleared_by_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("cleared_at", _WHEN, nullable=True),
        sa.Column("rejected_by_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("rejected_at", _WHEN, nullable=True),
        sa.Column("rejected_why", sa.Text(), nullable=True),
    )
    op.create_index("ix_recording_item_version_id", "recording", ["item_version_id"])
    op.create_table(
        "rundown_extra",
        sa.Column("rundown_id", sa.Integer(), sa.ForeignKey("rundown.id"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        sa.Column("item_version_id", sa.Integer(), sa.ForeignKey("item_version.id"), nullable=False),
    )
    with op.batch_alter_table("station") as table:
        table.add_column(sa.Column("own_ident", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("readings", sa.Integer(), nullable=False, server_default="2"))
        table.add_column(sa.Column("slow", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("jingle_path", sa.Text(), nullable=True))
        table.add_column(sa.Column("jingle_sha256", sa.String(64), nullable=True))
    with op.batch_alter_table("track") as table:
        table.add_column(sa.Column("trouble", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("timeline", sa.Text(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("station_id", sa.Integer(), nullable=True))
        table.create_foreign_key("fk_track_station_id_station", "station", ["station_id"], ["id"])
    own = sa.text("station_id IS NOT NULL")
    op.create_index(
        "ix_track_own", "track", ["station_id", "item_version_id"], sqlite_where=own, postgresql_where=own
    )
    with op.batch_alter_table("item_version") as table:
        table.add_column(sa.Column("cleared_sha256", sa.String(64), nullable=True))
    with op.batch_alter_table("incoming_update") as table:
        table.alter_column(
            "body",
            existing_type=sa.Text(),
            type_=sa.LargeBinary(),
            existing_nullable=False,
            postgresql_using="convert_to(body, 'UTF8')",
        )
    unarmed = sa.text("NOT armed AND state IN ('queued', 'retrying')")
    op.create_index(
        "ix_delivery_unarmed", "delivery", ["due_at"], sqlite_where=unarmed, postgresql_where=unarmed
    )


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: what was written since would be lost")
