"""the log is append only: the database itself refuses to change or delete a line"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SQLITE = """
CREATE TRIGGER log_entry_no_{what} BEFORE {what} ON log_entry
BEGIN SELECT RAISE(ABORT, 'log_entry is append-only'); END
"""
_FUNCTION = """
CREATE FUNCTION log_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'log_entry is append-only'; END $$
"""
_POSTGRES = """
CREATE TRIGGER log_entry_no_{what} BEFORE {what} ON log_entry
FOR EACH STATEMENT EXECUTE FUNCTION log_entry_refuse()
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(_SQLITE.format(what=what))
        return
    op.execute(_FUNCTION)
    for what in ("UPDATE", "DELETE", "TRUNCATE"):
        op.execute(_POSTGRES.format(what=what))
