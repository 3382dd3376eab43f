"""How Alembic reaches the store: always through the engine that `Database.migrate` hands over."""

from typing import Any, Literal

from alembic import context

from airlog.models import Base
from airlog.types import Closed, UtcDateTime


def plain_types(kind: str, item: object, _context: Any) -> str | Literal[False]:
    """Migrations name plain column types, so that they still run when ours have moved."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Closed):
        return "sa.String(length=24)"
    return False


engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=plain_types,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
