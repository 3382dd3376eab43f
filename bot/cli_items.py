"""Commands of items and sound: item, library, speak."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from airlog import items
from audio.clip import Clip, Tags
from bot import cli_hearing, console
from bot.cli_hearing import facts
from content.item import BrokenItem
from content.item_file import parse_item

item_app = typer.Typer(help="Tin bài.", no_args_is_help=True)
library_app = typer.Typer(help="Thư viện tin đi kèm chương trình.", no_args_is_help=True)
MOST_CHARS = 200_000
"""As much text as is read at once; some seconds of work."""
_NO_MARKS = "Văn bản gõ không dấu nên máy đọc sai nhiều tiếng. Anh/chị gõ lại có dấu."


def add_to(app: typer.Typer) -> None:
    """Hang these commands under the program."""
    cli_hearing.add_to(item_app)
    app.add_typer(item_app, name="item")
    app.add_typer(library_app, name="library")
    app.command("speak")(speak)


@item_app.command("add")
def item_add(
    file: Path,
    by: Annotated[str, typer.Option("--by", help="Số điện thoại của người viết")] = "",
    now: console.Now = "",
    as_json: console.Json = False,
) -> None:
    """Thêm một tin từ tệp Markdown có phần đầu (id, title, topic, source, language)."""
    piece = parse_item(_text(file), file.name)
    with console.store(write=True) as session:
        author = console.person(session, by) if by else None
        item = items.add_item(
            session,
            author,
            title=piece.title,
            topic=piece.topic,
            source=piece.source,
            script=piece.script,
            now=console.clock(now).now(),
            slug=piece.slug,
            season=str(piece.season) if piece.season else None,
        )
    console.show(facts(item), as_json, [f"Đã thêm tin số {item.id} “{item.title}”, chờ người khác duyệt."])


@item_app.command("list")
def item_list(as_json: console.Json = False) -> None:
    """Tin trong thư viện và tin tự viết."""
    with console.store() as session:
        found = [facts(item) for item in items.all_items(session)]
    text = [
        f"{one['id']}. {one['title']} ({one['slug']}){'' if one['cleared_at'] else ' · chưa duyệt'}"
        for one in found
    ]
    console.show(found, as_json, text or ["Chưa có tin nào."])


@library_app.command("record")
def library_record(
    voice_dir: Annotated[Path, typer.Option("--voice-dir", help="Thư mục giọng đọc sanotts")],
    anew: Annotated[bool, typer.Option("--all", help="Thu lại tất cả, kể cả bản còn khớp")] = False,
) -> None:
    """Thu lại các bản đọc của thư viện trong thư mục mã nguồn (dành cho người phát triển)."""
    from bot.library_recordings import record_all

    for line in record_all(voice_dir, anew):
        print(line, flush=True)


def speak(
    text: Annotated[str, typer.Option("--text", help="Văn bản cần đọc")] = "",
    file: Annotated[Path | None, typer.Option("--file", help="Tệp văn bản cần đọc")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Tệp mp3 sẽ ghi")] = None,
    words: Annotated[bool, typer.Option("--words", help="Chỉ in lời sẽ đọc và chỗ chưa chắc")] = False,
    programme: Annotated[
        bool, typer.Option("--programme", help="Thêm nhạc hiệu, lời xướng và đọc hai lần")
    ] = False,
    title: Annotated[str, typer.Option("--title", help="Tên ghi trong tệp")] = "",
    now: console.Now = "",
    as_json: console.Json = False,
) -> None:
    """Đọc một văn bản thành tệp mp3 đã xử lý cho loa, hoặc in lời sẽ đọc."""
    # A terminal in another encoding hands over bytes that are no letters: nothing could print them again.
    source = (_text(file) if file else text).encode("utf-8", "replace").decode()
    if not source.strip():
        raise console.CommandFailed("Chưa có gì để đọc. Anh/chị dùng --text “...” hoặc --file TỆP.")
    if words:
        _print_words(source, as_json)
        return
    if out is None:
        raise console.CommandFailed("Anh/chị cho biết tệp sẽ ghi bằng --out TỆP.mp3, hoặc dùng --words.")
    clip = _spoken(
        source, out, title or (file.stem if file else "Loa Xã"), programme, console.clock(now).now()
    )
    warning = " (bản nháp, không phát: chỉ có giọng espeak)" if clip.draft else ""
    line = f"{clip.path}: {clip.duration_ms / 1000:.1f} giây, {clip.loudness_lufs:.1f} LUFS, đỉnh {clip.true_peak_dbtp:.1f} dBTP, giọng {clip.engine}{warning}"
    console.show(asdict(clip), as_json, [line])


def _spoken(text: str, out: Path, title: str, programme: bool, now: datetime) -> Clip:
    """Read by the same voices and chain as the weekly clip: once, or as a programme with chime, ident and second
    reading. Raises ClipRefused, NoVoice, UnreadWords."""
    from audio.render import read, render_programme, render_reading, saved_as
    from audio.sound_file import MP3, OGG
    from bot.app import studio_of

    studio = studio_of(console.settings())
    kind = OGG if out.suffix.lower() in (".ogg", ".opus") else MP3
    reading = read(text.strip(), studio.voices, now)
    if programme:
        clip = render_programme([reading], Tags(title), studio.folder, ident=studio.ident(), kind=kind)
    else:
        clip = render_reading(reading, Tags(title), studio.folder, kind)
    return saved_as(clip, out)


def _print_words(source: str, as_json: bool) -> None:
    """The words a voice would be given, and where the rules had to guess. Needs no voice and no store."""
    from audio.speech_text import read

    if len(source) > MOST_CHARS:
        raise console.CommandFailed(
            f"Văn bản dài {len(source)} ký tự, quá mức {MOST_CHARS}. Anh/chị chia thành nhiều phần rồi thử lại."
        )
    reading = read(source)
    found = [(d.start, d.end, d.text, d.reason) for d in reading.doubts]
    if _lacks_marks(source):
        found.insert(0, (0, len(source), source, _NO_MARKS))
    doubts = [{"start": one[0], "end": one[1], "text": one[2], "reason": one[3]} for one in found]
    marks = [f"  chưa chắc: “{_short(text)}” ({reason})" for _, _, text, reason in found]
    console.show(
        {"words": reading.words, "doubts": doubts},
        as_json,
        [reading.words or "(không có tiếng nào để đọc)", *marks],
    )


def _lacks_marks(text: str) -> bool:
    """Whether it looks like Vietnamese typed without its marks, which no rule can put back."""
    from audio.speech_text.syllables import is_unmarked_syllable

    words = [word for word in text.lower().split() if word.isalpha()]
    plain = sum(is_unmarked_syllable(word) for word in words)
    return text.isascii() and len(words) >= 4 and plain >= 0.8 * len(words)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"


def _text(file: Path) -> str:
    if not file.is_file():
        raise console.CommandFailed(f"Không thấy tệp {file}. Anh/chị kiểm tra lại đường dẫn.")
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrokenItem(
            f"Tệp {file.name} không phải UTF-8. Anh/chị lưu lại dạng UTF-8 rồi thử lại."
        ) from error
