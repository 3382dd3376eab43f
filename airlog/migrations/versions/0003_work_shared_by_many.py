"""work shared by many processes: jobs of deliveries, the pace of bots, nodes, leases, recalls"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
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
