"""Marks of layout that nobody says: Markdown, HTML tags, table bars, leader dots, the closing "./."."""

from __future__ import annotations

from audio.speech_text.draft import Rule, rule

# Before addresses are read: links keep their words, tags go.
LINKS: tuple[Rule, ...] = (
    rule(r"!?\[([^\[\]\n]{1,300})\]\((?:https?://|mailto:|tel:|/|#)[^()\s]{0,300}\)", r"\1"),
    rule(r"(?i)<br\s?/?>|</(?:p|div|li|tr|h[1-6])>", "\n"),
    rule(
        r"(?i)</?(?:a|b|i|u|p|em|strong|span|div|ul|ol|li|font|table|tr|td|th|h[1-6]|sup|sub)(?:\s[^<>\n]{0,300})?/?>",
        "",
    ),
    rule(r"&nbsp;", " "),
    rule(r"&amp;", "&"),
    rule(r"&(?:lt|gt|quot);", " "),
)

RULES: tuple[Rule, ...] = (
    # "./." closes an official letter.
    rule(r"\.\s?/\s?\.", "."),
    rule(r"(?m)^[ ]{0,3}#{1,6}\s+", ""),
    rule(r"(?m)^\s{0,3}>\s?(?=[^\W\d])", ""),
    rule(r"(?m)^[\s|:=_*-]{3,}$", ""),
    rule(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}", ""),
    rule(r"_{2,}", " "),
    rule(r"~~", ""),
    # "(ngày ..... tháng 4)": a date left open is read from its month on.
    rule(r"(?i)\bngày[\s._]{2,}(?=tháng)|\bngày\s(?=tháng \d{1,2} năm)", ""),
    rule(r"(?i)\btháng[\s._]{2,}(?=năm)", ""),
    rule(r"\.{4,}", " "),
    rule(r"\s?\|\s?", " "),
    rule(r"([?!])\.(?=\s|$)", r"\1"),
)
