"""The deploy files, read as far as they can be without an engine to run them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import typer
import yaml

from bot import cli
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
UNITS = sorted((ROOT / "docs" / "deploy").glob("*.service"))
ENV = ROOT / "docs" / "deploy" / "loaxa.env"
FILES = (COMPOSE, ROOT / "Dockerfile", ENV, *UNITS)
SERVICES = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
OURS = ("prepare", "web", "worker")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def values(unit: Path, key: str) -> list[str]:
    """What a key of a unit is set to, in order; several assignments of one line apart."""
    found = [line.partition("=")[2] for line in read(unit).splitlines() if line.startswith(f"{key}=")]
    return [part for value in found for part in (value.split() if key == "Environment" else [value])]


def settings_of(service: str) -> dict[str, str]:
    found: dict[str, str] = SERVICES[service]["environment"]
    return found


def commands() -> list[list[str]]:
    """Every `loaxa` command line of the deploy files, without the program's name."""
    units = [line.partition("/loaxa ")[2].split() for unit in UNITS for line in values(unit, "ExecStart")]
    return [*units, *(SERVICES[name]["command"][1:] for name in OURS)]


def unit(name: str) -> Path:
    (found,) = [one for one in UNITS if one.name == name]
    return found


# ---- both kinds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_is_named_exists(path: Path) -> None:
    named = {
        name.removeprefix("LOAXA_").lower() for name in re.findall(r"LOAXA_[A-Z0-9_]+[A-Z0-9]", read(path))
    }

    assert named <= set(Settings.model_fields)


@pytest.mark.parametrize("words", commands(), ids=lambda words: " ".join(words))
def test_every_command_line_is_one_that_the_program_takes(words: list[str]) -> None:
    command, rest = typer.main.get_command(cli.app), list(words)
    while below := getattr(command, "commands", None):
        command = below[rest.pop(0)]

    role = command.make_context("loaxa", rest).params.get("role")

    assert words[0] in ("run", "db") and role in (None, "web", "worker")


# ---- containers ----------------------------------------------------------------------------------------


def test_one_database_one_web_and_some_workers() -> None:
    roles = [SERVICES[name]["command"] for name in ("web", "worker")]

    assert set(SERVICES) == {"db", *OURS}
    assert roles == [["loaxa", "run", "--role", "web"], ["loaxa", "run", "--role", "worker"]]
    assert SERVICES["worker"]["deploy"]["replicas"] >= 2
    assert SERVICES["db"]["image"].startswith("postgres:15")


def test_no_two_containers_can_have_one_node_name() -> None:
    """Replicas share what the file says of them, so it may say nothing that names one."""
    for name in ("web", "worker"):
        assert not {"container_name", "hostname"} & set(SERVICES[name])
        assert "LOAXA_NODE_NAME" not in settings_of(name)


def test_everything_that_runs_on_is_started_again() -> None:
    assert {name: one["restart"] for name, one in SERVICES.items()} == {
        "db": "unless-stopped", "prepare": "on-failure", "web": "unless-stopped", "worker": "unless-stopped"
    }  # fmt: skip


def test_nobody_starts_before_the_tables_are_there() -> None:
    assert SERVICES["prepare"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    for name in ("web", "worker"):
        assert SERVICES[name]["depends_on"] == {"prepare": {"condition": "service_completed_successfully"}}


def test_the_pages_and_the_database_are_asked_whether_they_are_well() -> None:
    assert "/healthz" in " ".join(SERVICES["web"]["healthcheck"]["test"])
    assert "pg_isready" in " ".join(SERVICES["db"]["healthcheck"]["test"])


def test_a_clean_stop_has_the_time_it_takes() -> None:
    from bot.process import STOP_WITHIN

    wanted = 1.5 * STOP_WITHIN.total_seconds()
    stops = [SERVICES[name]["stop_grace_period"] for name in OURS]
    stops += [value for one in UNITS for value in values(one, "TimeoutStopSec")]
    assert len(stops) == 5 and all(int(stop.removesuffix("s")) >= wanted for stop in stops)


def test_secrets_come_as_files() -> None:
    described = yaml.safe_load(read(COMPOSE))["secrets"]

    for name in ("db", *OURS):
        assert set(SERVICES[name]["secrets"]) <= set(described)
    assert all(set(one) == {"file"} for one in described.values())
    for name in OURS:
        files = [value for key, value in settings_of(name).items() if key.endswith("_FILE")]
        assert {Path(value).name for value in files} == set(SERVICES[name]["secrets"])


def test_files_and_record_outlive_their_containers_and_lie_at_one_path_for_all() -> None:
    volumes = yaml.safe_load(read(COMPOSE))["volumes"]

    mounted = {name: SERVICES[name]["volumes"] for name in OURS}
    assert {tuple(one) for one in mounted.values()} == {("files:/var/lib/loaxa",)}
    assert {settings_of(name)["LOAXA_VAR_DIR"] for name in OURS} == {"/var/lib/loaxa"}
    assert SERVICES["db"]["volumes"] == ["record:/var/lib/postgresql/data"] and set(volumes) == {
        "record",
        "files",
    }


def test_only_this_machine_reaches_the_pages_and_nobody_the_database() -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["web"]["ports"])
    assert not any("ports" in SERVICES[name] for name in ("db", "worker", "prepare"))


def test_the_image_runs_as_nobody_special_and_holds_only_our_packages() -> None:
    import tomllib

    text = read(ROOT / "Dockerfile")
    packages = tomllib.loads(read(ROOT / "pyproject.toml"))["tool"]["hatch"]["build"]["targets"]["wheel"][
        "packages"
    ]

    assert re.findall(r"^USER (.+)$", text, re.M)[-1] == "loaxa"
    assert set(re.findall(r"^COPY (\w+) \1$", text, re.M)) == set(packages)
    assert "COPY . " not in text and "-c constraints.txt" in text
    for name in re.findall(r"^COPY ((?:\S+ )+)\./$", text, re.M)[0].split():
        assert (ROOT / name).is_file()


# ---- systemd -------------------------------------------------------------------------------------------


def test_there_is_a_unit_for_the_pages_and_a_template_for_workers() -> None:
    assert [one.name for one in UNITS] == ["loaxa-web.service", "loaxa-worker@.service"]


def test_units_have_node_names_of_their_own() -> None:
    names = [
        value for one in UNITS for value in values(one, "Environment") if value.startswith("LOAXA_NODE_NAME=")
    ]

    assert names == ["LOAXA_NODE_NAME=%H-web", "LOAXA_NODE_NAME=%H-worker-%i"]
    assert "LOAXA_NODE_NAME" not in read(ENV)


@pytest.mark.parametrize("one", UNITS, ids=lambda one: one.name)
def test_a_unit_is_started_again_and_may_do_little(one: Path) -> None:
    assert values(one, "Restart") == ["always"] and values(one, "StartLimitIntervalSec") == ["0"]
    assert values(one, "User") == ["loaxa"] and values(one, "NoNewPrivileges") == ["yes"]
    assert values(one, "ProtectSystem") == ["strict"]
    var_dir = re.search(r"^LOAXA_VAR_DIR=(.+)$", read(ENV), re.M)
    assert var_dir and values(one, "ReadWritePaths") == [var_dir[1]]
    assert len(values(one, "LoadCredential")) == 2 and "telegram-token" in "".join(
        values(one, "LoadCredential")
    )


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_reads_the_units(tmp_path: Path) -> None:
    program = tmp_path / "loaxa"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for one in UNITS:
        text = re.sub(r"^ExecStart=\S+", f"ExecStart={program}", read(one), flags=re.M)
        (tmp_path / one.name).write_text(text, encoding="utf-8")

    ran = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / one.name) for one in UNITS)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    ours = [line for line in ran.stderr.splitlines() if "loaxa" in line]
    assert ours == []
