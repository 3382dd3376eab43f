"""The demo plays a whole week by itself and checks its own sums."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

from audio.mastering import measure
from bot.demo import apart
from bot.demo_week import CAST, EXPECTED, SILENT
from bot.settings import Settings
from content import shelf
from tests.cli_world import Desk, desk

__all__ = ["desk"]


def test_the_cast_is_every_station_but_the_silent_one() -> None:
    assert sorted(scene.station for scene in CAST) == [n for n in range(28) if n != SILENT]
    assert EXPECTED.total == 28


def test_a_demo_knows_none_of_the_real_bots(tmp_path: Path) -> None:
    tokens = {"telegram_token": "123456:AAmustNotBeUsedByTheDemo", "zalo_tokens": "700800900:norMustThis"}
    settings = Settings(_env_file=None, var_dir=tmp_path, simulator=True, **tokens)

    assert settings.services == ("telegram", "simulator", "zalo")
    assert apart(settings, "demo").services == ("simulator",)


@pytest.mark.skipif(
    not any(shelf.recording(i.slug) for i in shelf.library()), reason="no recordings are shipped"
)
def test_a_week_is_played_and_leaves_its_three_files(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOAXA_TELEGRAM_TOKEN", "123456:AAmustNotBeUsedByTheDemo")

    ran = desk.run("demo", "--once", "--now", "2026-11-24T17:25")

    assert ran.status == 0, ran.out + ran.err
    assert "Đã kiểm tra: 28 đài" in ran.out and "[27/27]" in ran.out
    assert "26/28 đài đã phát" in ran.out or "26/28 đài" in ran.out
    folder = desk.folder / "var" / "demo"
    mp3, png, xlsx = (Path(re.search(rf"\S+\.{kind}", ran.out)[0]) for kind in ("mp3", "png", "xlsx"))
    assert all(path.is_relative_to(folder) for path in (mp3, png, xlsx))
    assert abs(measure(mp3).integrated_lufs + 14) <= 0.7
    with Image.open(png) as image:
        assert image.width == 1080
    assert openpyxl.load_workbook(xlsx).active.max_row > 27
    assert sorted(path.name for path in (desk.folder / "var").iterdir()) == ["demo"]
