"""What is in the wheel, whose the names are, and that the README lags behind nothing."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import typer

from bot import cli
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OURS = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
DATA = {
    "airlog": ("*.csv", "migrations/*.py", "migrations/versions/*.py"),
    "content": ("library/*",),
    "reports": ("fonts/*", "templates/*"),
    "web": ("templates/**/*", "static/**/*"),
}


@pytest.mark.parametrize("name", OURS)
def test_each_top_level_name_is_ours_alone(name: str) -> None:
    assert set(packages_distributions().get(name, ["loaxa"])) == {"loaxa"}
    assert (ROOT / name / "__init__.py").is_file()


@pytest.mark.parametrize("name", OURS)
def test_no_module_of_the_standard_library_is_hidden(name: str) -> None:
    assert name not in sys.stdlib_module_names


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    pytest.importorskip("hatchling")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (path,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(path).namelist())


def test_the_wheel_carries_every_file_the_program_reads(wheel: set[str]) -> None:
    wanted = {
        path.relative_to(ROOT).as_posix()
        for package, patterns in DATA.items()
        for pattern in patterns
        for path in (ROOT / package).glob(pattern)
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert wanted - wheel == set() and len(wanted) > 40


def test_the_wheel_carries_nothing_else(wheel: set[str]) -> None:
    strangers = {name for name in wheel if name.partition("/")[0] not in OURS and ".dist-info/" not in name}

    assert strangers == set()


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_stands_in_the_readme(name: str) -> None:
    assert f"LOAXA_{name.upper()}" in README


@pytest.mark.parametrize("name", sorted(set(re.findall(r"LOAXA_[A-Z0-9_]+[A-Z0-9]", README))))
def test_every_setting_of_the_readme_exists(name: str) -> None:
    assert name.removeprefix("LOAXA_").lower() in Settings.model_fields


def commands() -> Iterator[str]:
    root = typer.main.get_command(cli.app)
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        below = getattr(command, "commands", {})
        yield from (f"{name} {one}" for one in below)
        if not below or name == "log":
            yield name


@pytest.mark.parametrize("command", sorted(commands()))
def test_every_command_stands_in_the_readme_and_in_the_list_of_commands(command: str) -> None:
    docs = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")

    assert f"loaxa {command}" in README and f"loaxa {command}" in docs


def test_every_setting_says_in_vietnamese_what_it_is() -> None:
    assert [name for name, one in Settings.model_fields.items() if not one.description] == []
