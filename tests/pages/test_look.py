"""What carries the look: files of others unchanged, nothing inline, nothing from another host."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files
from pathlib import Path

import pytest

WEB = Path(str(files("web")))
STATIC, TEMPLATES = WEB / "static", sorted((WEB / "templates").rglob("*.html"))
_LISTED = re.compile(
    r"\| `(?P<file>[^`]+)` \| .* \| \[[^]]+\]\((?P<licence>[^)]+)\) \| `(?P<hash>[0-9a-f]{64})` \|"
)
OWN = {
    "loaxa.css",
    "desk.css",
    "phone.css",
    "live.js",
    "phone.js",
    "desk.js",
    "heat_map.js",
    "hear.js",
    "ledger.css",
    "operator.css",
    "operator.js",
    "loaxa.svg",
    "VENDORED.md",
}


def listed() -> dict[str, re.Match[str]]:
    return {found["file"]: found for found in _LISTED.finditer((STATIC / "VENDORED.md").read_text("utf-8"))}


def test_files_of_others_are_unchanged_and_carry_their_licence() -> None:
    for name, line in listed().items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == line["hash"], name
        assert (STATIC / line["licence"]).stat().st_size > 500, name


def test_every_static_file_is_ours_or_listed() -> None:
    found = {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()}

    assert {name for name in found if not name.startswith("licences/")} == OWN | set(listed())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_inline_script_or_style(path: Path) -> None:
    """The content security policy would drop them in silence."""
    text = path.read_text("utf-8")

    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:|<script(?![^>]*\ssrc=)", text) == []


@pytest.mark.parametrize(
    "path", [*TEMPLATES, *STATIC.glob("*.css"), *STATIC.glob("*.js")], ids=lambda path: path.name
)
def test_nothing_is_fetched_from_another_host(path: Path) -> None:
    text = (
        path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "").replace("https://picocss.com", "")
    )

    assert re.findall(r"""(?:src|href|url\(|@import|fetch\()\s*=?\s*["'(]?(?:https?:)?//""", text) == []


def test_typefaces_named_in_the_style_are_there() -> None:
    named = re.findall(r'url\("([^"]+)"\)', (STATIC / "loaxa.css").read_text("utf-8"))

    assert named and all((STATIC / name).is_file() for name in named)


def test_what_we_wrote_carries_whole_vietnamese_letters() -> None:
    """Decomposed letters look alike and are not found by a search."""
    broken = [path.name for path in TEMPLATES if re.search("[\u0300-\u0323]", path.read_text("utf-8"))]

    assert broken == []
