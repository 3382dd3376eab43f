"""What the commands print of an item (docs/cli.md)."""

from __future__ import annotations

from airlog.models import Item
from content.item import text_hash


def facts(item: Item) -> dict[str, object]:
    version = item.latest
    return {
        "id": item.id,
        "slug": item.slug,
        "title": item.title,
        "topic": item.topic,
        "version": version.number,
        "text_hash": text_hash(version.script),
        "cleared_at": version.cleared_at,
        "cleared_sha256": version.cleared_sha256,
        "from_library": item.from_library,
    }
