"""The tab-separated word lists beside this file."""

from __future__ import annotations

from importlib import resources


def rows(name: str) -> list[list[str]]:
    """The cells of a list in this package; lines that start with `#` are notes."""
    text = resources.files("audio.speech_text").joinpath(name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def pairs(name: str) -> dict[str, str]:
    """A two-column list."""
    return {row[0]: row[1] for row in rows(name)}
