"""dated areas: changes of communes, who follows whom, what units were called and where stations lay before"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "area_change",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("batch", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("document", sa.String(120), nullable=False),
        sa.Column("document_on", sa.Date(), nullable=True),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("made_at", _WHEN, nullable=False),
        sa.Column("enacted_at", _WHEN, nullable=True),
        sa.Column("withdrawn_at", _WHEN, nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), sa.ForeignKey("person.id"), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.UniqueConstraint("batch", "number", name="uq_area_change_batch_number"),
    )
    op.create_index("ix_area_change_effective_on", "area_change", ["effective_on"])
    op.create_table(
        "area_step",
        sa.Column("change_id", sa.Integer(), sa.ForeignKey("area_change.id"), primary_key=True),
        sa.Column("old_code", sa.String(5), sa.ForeignKey("area.code"), primary_key=True),
        sa.Column("new_code", sa.String(5), sa.ForeignKey("area.code"), primary_key=True),
    )
    op.create_index("ix_area_step_new_code", "area_step", ["new_code"])
    op.create_table(
        "area_past",
        sa.Column("change_id", sa.Integer(), sa.ForeignKey("area_change.id"), primary_key=True),
        sa.Column("code", sa.String(5), sa.ForeignKey("area.code"), primary_key=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("parent_code", sa.String(5), sa.ForeignKey("area.code"), nullable=True),
        sa.Column("former_district_code", sa.String(3), nullable=True),
        sa.Column("former_district", sa.Text(), nullable=True),
        sa.Column("former_province", sa.Text(), nullable=True),
    )
    op.create_index("ix_area_past_until", "area_past", ["until"])
    op.create_table(
        "station_past",
        sa.Column("change_id", sa.Integer(), sa.ForeignKey("area_change.id"), primary_key=True),
        sa.Column("station_id", sa.Integer(), sa.ForeignKey("station.id"), primary_key=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("area_code", sa.String(5), sa.ForeignKey("area.code"), nullable=False),
    )
    op.create_index("ix_station_past_until", "station_past", ["until"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: what was written since would be lost")
