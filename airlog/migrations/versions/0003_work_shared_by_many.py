"""work shared by many processes: jobs of deliveries, the pace of bots, nodes, leases, recalls"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WHEN = sa.DateTime(timezone=True)


_UNSETTLED = sa.text("state IN ('queued', 'retrying', 'sending', 'unknown')")


def upgrade() -> None:
    _lighter()
    with op.batch_alter_table("delivery") as table:
        table.add_column(sa.Column("jobs", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("armed", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("claimed_by", sa.String(32), nullable=True))
        table.add_column(sa.Column("item_version_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            "fk_delivery_item_version_id_item_version", "item_version", ["item_version_id"], ["id"]
        )
    with op.batch_alter_table("address") as table:
        table.add_column(sa.Column("blocked_at", _WHEN, nullable=True))
    op.create_table(
        "bot_pace",
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("bot", sa.String(32), primary_key=True),
        sa.Column("next_at_s", sa.Float(), nullable=False),
        sa.Column("paused_until_s", sa.Float(), nullable=False),
        sa.Column("slowness", sa.Float(), nullable=False),
    )
    op.create_table(
        "node",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("host", sa.String(64), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", _WHEN, nullable=False),
        sa.Column("seen_at_s", sa.Float(), nullable=False),
        sa.Column("left", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "lease",
        sa.Column("task", sa.String(80), primary_key=True),
        sa.Column("node", sa.String(64), nullable=False),
        sa.Column("until_s", sa.Float(), nullable=False),
    )
    op.create_table(
        "recall",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("rundown_id", sa.Integer(), sa.ForeignKey("rundown.id"), nullable=False),
        sa.Column("item_version_id", sa.Integer(), sa.ForeignKey("item_version.id"), nullable=False),
        sa.Column("replacement_id", sa.Integer(), sa.ForeignKey("item_version.id"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("asked_at", _WHEN, nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("confirmed_at", _WHEN, nullable=True),
        sa.Column("dropped_at", _WHEN, nullable=True),
    )
    op.create_index("ix_recall_rundown_id", "recall", ["rundown_id"])
    op.create_table(
        "recall_ack",
        sa.Column("recall_id", sa.Integer(), sa.ForeignKey("recall.id"), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("at", _WHEN, nullable=False),
    )


def _lighter() -> None:
    """Indexes that another one covers, or that hold a whole year for the sake of a few rows.

    0001 was changed with this revision: hashes are bytes, and not unique by an index (the chain proves them). A
    PostgreSQL store made before is converted here; a SQLite file may go on with text.
    """
    with op.batch_alter_table("duty") as table:
        table.drop_index("ix_duty_station_id")
        table.drop_index("ix_duty_mandate_id")
    op.drop_index("ix_delivery_due", "delivery")
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["state", "due_at"],
        sqlite_where=_UNSETTLED,
        postgresql_where=_UNSETTLED,
    )
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        columns = {c["name"]: c["type"] for c in sa.inspect(bind).get_columns("log_entry")}
        if isinstance(columns["hash"], sa.String):
            op.drop_constraint("uq_log_entry_hash", "log_entry", type_="unique")
            for name in ("hash", "prev_hash"):
                op.execute(
                    f"ALTER TABLE log_entry ALTER COLUMN {name} TYPE bytea USING decode({name}, 'hex')"
                )
