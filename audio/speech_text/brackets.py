"""A figure and its words side by side, as the law wants them: "5 (năm) ngày", "một (01) tin"."""

from __future__ import annotations

import re

from audio.speech_text.draft import Rule, left_of, rule
from audio.speech_text.numbers import NUMBER, number

_VARIANTS = (("lẻ", "linh"), ("ngàn", "nghìn"), ("tỉ", "tỷ"), ("mười tư", "mười bốn"), ("mươi bốn", "mươi tư"),
             ("mươi một", "mươi mốt"), ("mươi năm", "mươi lăm"), ("linh bốn", "linh tư"))  # fmt: skip


def _standard(words: str) -> str:
    folded = " ".join(words.lower().replace(",", " ").replace(".", " ").split())
    folded = folded.removeprefix("bằng chữ: ").removesuffix(" chẵn").removeprefix("không ")
    for other, ours in _VARIANTS:
        folded = folded.replace(other, ours)
    return folded


def _figure_first(match: re.Match[str]) -> str:
    spoken = _standard(number(match[1]))
    unit = (match[2] or "").strip().lower().replace("%", "phần trăm")
    said = _standard(match[3])
    same = said == spoken or (bool(unit) and said in {f"{spoken} {unit}", f"{spoken} đồng"})
    return match[1] + (match[2] or "") if same else match.group()


def _words_first(match: re.Match[str]) -> str:
    spoken = _standard(number(match[1]))
    before = _standard(left_of(match, 80))
    return "" if before == spoken or before.endswith(" " + spoken) else match.group()


RULES: tuple[Rule, ...] = (
    rule(
        rf"(?<![\w.,/])({NUMBER})(\s?(?:đồng|đ|%|[^\W\d_]{{2,7}}))?\s?\(([^()\d\n]{{2,120}})\)", _figure_first
    ),
    rule(rf"(?<=[^\W\d_])\s?\(({NUMBER})\)", _words_first),
)
