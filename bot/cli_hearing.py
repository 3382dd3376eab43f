"""Commands that hear an item and clear it: a sound is cleared by whoever names the reading that they heard."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from airlog import items
from airlog.db import Session
from airlog.models import Item
from bot import console
from content.item import text_hash

if TYPE_CHECKING:  # brings the decoders: most commands do without
    from airlog.readings import Reading

Name = Annotated[str, typer.Argument(metavar="TÊN-TIN", help="Tên (slug) hoặc số của tin")]
SHORT = 12
"""As many signs of a reading's hash are shown, and typed back."""
_SHORTEST = 8


def add_to(item_app: typer.Typer) -> None:
    """Hang these commands under `loaxa item`."""
    item_app.command("hear")(hear)
    item_app.command("clear")(clear)


def facts(item: Item) -> dict[str, object]:
    """What the commands print of an item (docs/cli.md)."""
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


def hear(
    item: Name,
    out: Annotated[Path | None, typer.Option("--out", help="Tệp sẽ ghi")] = None,
    now: console.Now = "",
    as_json: console.Json = False,
) -> None:
    """Ghi bản đọc của một tin ra tệp để nghe, kèm mã của bản đọc để duyệt."""
    _have_read(item, console.clock(now).now())
    with console.store() as session:
        found = _find(session, item)
        slug, title, version = found.slug, found.title, found.latest.number
        reading = _reading(session, found)
    path = _written(reading, out or Path(slug))
    short = reading.sha256[:SHORT]
    lines = [f"Đã ghi bản đọc của “{title}” vào {path} (giọng {reading.voice or 'không rõ'})."]
    if reading.draft:
        lines.append("Chỉ có giọng nháp đọc được: bản này không bao giờ phát, duyệt lúc này là duyệt lời.")
    else:
        lines.append(
            f"Mã bản đọc: {short}. Nghe xong, người duyệt chạy: "
            f"loaxa item clear {slug} --by SỐ-ĐIỆN-THOẠI --heard {short}"
        )
    data = {
        "slug": slug, "version": version, "path": path, "sha256": reading.sha256, "heard": short,
        "engine": reading.engine, "voice": reading.voice, "draft": reading.draft,
    }  # fmt: skip
    console.show(data, as_json, lines)


def clear(
    item: Name,
    by: Annotated[str, typer.Option("--by", help="Số điện thoại của người duyệt")],
    heard: Annotated[str, typer.Option("--heard", help="Mã bản đọc đã nghe (loaxa item hear)")] = "",
    now: console.Now = "",
    as_json: console.Json = False,
) -> None:
    """Duyệt bản mới nhất của một tin, cùng bản đọc đã nghe. Người viết không tự duyệt."""
    with console.store(write=True) as session:
        found = _find(session, item)
        sha256 = _named(session, found, heard) if heard else None
        version = items.clear(session, found, console.person(session, by), console.clock(now).now(), sha256)
        bound = version.cleared_sha256
    console.show(facts(found), as_json, _told(found, bound))


def _told(item: Item, bound: str | None) -> list[str]:
    if bound is not None:
        return [f"Đã duyệt “{item.title}” cùng bản đọc {bound[:SHORT]}. Đài nhận đúng bản này."]
    return [
        f"Đã duyệt phần lời của “{item.title}”. Âm thanh thì chưa ai nghe, nên chưa gắn với bản đọc nào.",
        f"Anh/chị nghe bằng “loaxa item hear {item.slug}” rồi duyệt kèm mã bản đọc, hoặc nghe và duyệt ở trang "
        f"/items/{item.slug}. Nếu tới giờ phát vẫn chưa ai nghe, máy đọc lúc làm chương trình.",
    ]


def _find(session: Session, name: str) -> Item:
    """By its number or its slug. Raises CommandFailed."""
    by_number = session.get(Item, int(name)) if name.isdecimal() and len(name) < 10 else None
    found = by_number or items.item_by_slug(session, name)
    if found is None:
        named = f"số {name}" if name.isdecimal() else f"“{name}”"
        raise console.CommandFailed(f"Không có tin {named}. Anh/chị xem các tin bằng “loaxa item list”.")
    return found


def _have_read(name: str, now: datetime) -> None:
    """Let a voice read an item that has no reading fit to be aired. Raises ClipRefused, NoVoice, UnreadWords."""
    from airlog import readings, tracks
    from audio.render import read
    from bot.app import studio_of

    with console.store() as session:
        version = _find(session, name).latest
        there = readings.to_clear(session, version)
        if there is not None and not there.draft:
            return
        script, title = version.script, version.item.title
    studio = studio_of(console.settings())
    clip = studio.clip_of(read(script, studio.voices, now), title)
    with console.store(write=True) as session:
        tracks.keep(session, version.id, readings.READING, clip, now)


def _reading(session: Session, item: Item) -> Reading:
    """What is heard when the item is cleared now. Raises CommandFailed."""
    from airlog import readings

    found = readings.to_clear(session, item.latest)
    if found is None or not found.is_whole:
        raise console.CommandFailed(
            f"Tin “{item.title}” chưa có bản đọc nào nguyên vẹn. Anh/chị chạy “loaxa item hear {item.slug}”."
        )
    return found


def _named(session: Session, item: Item, heard: str) -> str:
    """The hash of the reading that a person names. Raises CommandFailed when it is not the one to be heard now."""
    found, again = _reading(session, item), f"Anh/chị nghe lại bằng “loaxa item hear {item.slug}”."
    if len(heard) < _SHORTEST or not found.sha256.startswith(heard.lower()):
        raise console.CommandFailed(
            f"Chưa duyệt gì: bản đọc lúc này của “{item.title}” không mang mã “{heard}”, có thể vừa được làm lại. {again}"
        )
    if found.draft:
        raise console.CommandFailed(
            f"Chưa duyệt gì: bản đọc lúc này của “{item.title}” do giọng nháp đọc nên không phát được. Anh/chị cài giọng "
            "đọc rồi nghe lại, hoặc bỏ --heard để duyệt riêng phần lời."
        )
    return found.sha256


def _written(reading: Reading, out: Path) -> Path:
    """The very bytes, under the ending of what they are. Raises CommandFailed."""
    suffix = reading.path.suffix
    path = out if out.suffix == suffix else out.with_name(out.name.removesuffix(out.suffix) + suffix)
    try:
        shutil.copyfile(reading.path, path)
    except OSError as error:
        raise console.CommandFailed(f"Chưa ghi được tệp {path}. Anh/chị chọn chỗ khác bằng --out.") from error
    return path
