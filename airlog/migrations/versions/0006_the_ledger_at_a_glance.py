"""the ledger at a glance: what the log says of each duty, kept beside it for counting"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import Session

from airlog import ledger_kept

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("duty", sa.Column("said", sa.String(24), nullable=False, server_default="open"))
    op.add_column("duty", sa.Column("said_seq", sa.Integer(), nullable=True))
    op.add_column("duty", sa.Column("said_languages", sa.String(80), nullable=False, server_default=""))
    op.add_column("duty", sa.Column("verdict", sa.String(12), nullable=True))
    op.add_column(
        "station", sa.Column("hours_known", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.drop_index("ix_duty_period", "duty")
    with Session(bind=op.get_bind()) as session:
        ledger_kept.recompute(session)
        session.flush()
    # After the filling, so that it is built once and in order.
    op.create_index("ix_duty_glance", "duty", ["period", "said", "station_id"])


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead: what was written since would be lost")
