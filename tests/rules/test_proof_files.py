"""What is kept of a file that somebody sends as proof."""

from __future__ import annotations

import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from bot.proof_files import LONGEST_SIDE_PX, FileRefused, keep_file


def picture(kind: str = "JPEG", size: tuple[int, int] = (400, 300), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#888").save(out, kind, **options)
    return out.getvalue()


def sound(suffix: str, codec: str, folder: Path) -> bytes:
    path = folder / f"sound{suffix}"
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.float32), format="fltp", layout="mono")
        frame.rate = 48_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path.read_bytes()


def test_a_picture_loses_where_and_on_what_it_was_taken(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "MayAnh"
    exif.get_ifd(0x8825)[1] = "N"
    data = picture(exif=exif, comment=b"nha ba Nam")

    kept = keep_file(data, "photo", tmp_path)

    written = kept.path.read_bytes()
    assert b"MayAnh" not in written and b"nha ba Nam" not in written
    with Image.open(kept.path) as image:
        assert not image.getexif() and "comment" not in image.info


def test_a_picture_taken_sideways_is_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    kept = keep_file(picture(exif=exif), "photo", tmp_path)

    with Image.open(kept.path) as image:
        assert image.size == (300, 400)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_large_picture_is_scaled_down_and_kept_as_jpeg(tmp_path: Path, kind: str) -> None:
    kept = keep_file(picture(kind, (4000, 3000)), "file", tmp_path)

    with Image.open(kept.path) as image:
        assert (image.format, max(image.size)) == ("JPEG", LONGEST_SIDE_PX)
    assert (kept.kind, kept.mime) == ("photo", "image/jpeg")


@pytest.mark.parametrize(
    ("suffix", "codec", "sent_as"),
    [
        (".mp3", "libmp3lame", "audio"),
        (".ogg", "libopus", "voice"),
        (".m4a", "aac", "file"),
        (".aac", "aac", "voice"),
    ],
)
def test_a_recording_is_kept_as_it_came(tmp_path: Path, suffix: str, codec: str, sent_as: str) -> None:
    data = sound(suffix, codec, tmp_path)

    kept = keep_file(data, sent_as, tmp_path / "airchecks")

    assert kept.path.read_bytes() == data and kept.path.stem == hashlib.sha256(data).hexdigest()
    assert kept.kind in ("audio", "voice", "video")


@pytest.mark.parametrize("kind", ["photo", "file", "voice", "audio", "video"])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        "chỉ là chữ".encode() * 99,
        b"%PDF-1.7\n" + bytes(200),
        b"PK\x03\x04" + bytes(200),
        b"MZ" + bytes(200),
    ],
)
def test_what_is_no_picture_sound_or_film_is_refused(tmp_path: Path, kind: str, data: bytes) -> None:
    with pytest.raises(FileRefused):
        keep_file(data, kind, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_a_picture_that_arrived_in_part_is_refused(tmp_path: Path, kind: str) -> None:
    noise = Image.effect_noise((300, 300), 80).convert("RGB")
    out = io.BytesIO()
    noise.save(out, kind)
    whole = out.getvalue()

    with pytest.raises(FileRefused):
        keep_file(whole[: len(whole) // 2], "photo", tmp_path)


def test_the_same_picture_sent_by_many_at_once_is_one_file(tmp_path: Path) -> None:
    data = picture()

    with ThreadPoolExecutor(8) as pool:
        kept = set(pool.map(lambda _: keep_file(data, "photo", tmp_path).path, range(24)))

    assert list(tmp_path.iterdir()) == list(kept)


def test_a_voice_note_as_zalo_sends_it_is_kept_under_its_own_name(tmp_path: Path) -> None:
    kept = keep_file(sound(".aac", "aac", tmp_path), "voice", tmp_path / "airchecks")

    assert (kept.kind, kept.mime, kept.path.suffix) == ("voice", "audio/aac", ".aac")
