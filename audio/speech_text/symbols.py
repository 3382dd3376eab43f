"""What is left at the end: signs with a name are said, all others are silent."""

from __future__ import annotations

from audio.speech_text.draft import Rule, Unsure, rule
from audio.speech_text.syllables import LOWER, UPPER

_NAMED = {"+": " cộng ", "=": " bằng ", "<": " nhỏ hơn ", ">": " lớn hơn ", "≥": " lớn hơn hoặc bằng ",
          "≤": " nhỏ hơn hoặc bằng ", "±": " cộng trừ ", "&": " và ", "@": " a còng ", "€": " ơ rô ", "$": " đô la ",
          "₫": " đồng ", "°": " độ ", "÷": " chia ", "≈": " khoảng ", "~": " khoảng ", "§": " mục "}  # fmt: skip
_OTHER_SCRIPT = "Chữ hoặc ký hiệu không đọc được bằng tiếng Việt, đã bỏ qua."

# Signs between or before figures, while the figures still stand.
BEFORE_NUMBERS: tuple[Rule, ...] = (
    rule(r"(?m)(^|[\s(])-(?=\d)", r"\1âm "),
    rule(r"(?<=đến )-(?=\d)", "âm "),
    rule(r">=|=>(?=\s?\d)", "≥"),
    rule(r"<=(?=\s?\d)", "≤"),
    rule(r"[≥≤±≈]|[<>=~+](?=\s?\d)", lambda m: _NAMED[m.group()]),
    rule(r"(?<=\d)\s?\+(?!\w)", " cộng "),
    rule(r"[°$€₫÷§]", lambda m: _NAMED[m.group()]),
    rule(r"->|=>|→|⇒|➔", ", "),
)

# Between words a stroke is an "or"; "và/hoặc" has its own already.
BETWEEN_WORDS: tuple[Rule, ...] = (
    rule(r"(?i)\b(và|hoặc|hay)\s?/\s?(và|hoặc|hay)\b", r"\1 \2"),
    rule(
        r"(?i)\b(ngày)\s?/\s?(tháng)(?:\s?/\s?(năm))?\b",
        lambda m: " ".join(part for part in m.groups() if part),
    ),
    rule(r"(?i)\b(tháng)\s?/\s?(năm)\b", r"\1 \2"),
    rule(r"(?<=[\w)\"'])\s?/\s?(?=[\w(\"'])", " hoặc "),
)

RULES: tuple[Rule, ...] = (
    rule(r"&(?=\s?\w)", " và "),
    rule(r"(?<=\w)@(?=\w)", " a còng "),
    # A dash with a capital on both sides joins two names or two titles: a short pause. Inside a word, none.
    rule(rf"(?<=\w)\s+-+\s+(?=[{UPPER}])", ", "),
    rule(r"[-]+", " "),
    rule(r"\)(?=\s*(?:\n|$))", ""),
    rule(r"[\[({}\])\"]", lambda m: ", " if m.group() in "()" else " "),
    rule(r"(?<!\w)'|'(?!\w)", " "),
    rule(r"!", "."),
    rule(r"[\u0300-\u036f]+", ""),
    # Letters outside the Latin alphabets cannot be read by a Vietnamese voice.
    rule(r"(?![A-Za-zªº\u00c0-\u024f\u1e00-\u1eff])[^\W\d_]+", lambda m: Unsure(" ", _OTHER_SCRIPT)),
    rule(r"[^\w\s.,;:?'\"]|_|[ªº¹²³¼½¾]", " "),
    rule(r"(?![a-zA-Z\u00c0-\u024f\u1e00-\u1eff])\w", " "),
)

TIDY: tuple[Rule, ...] = (
    # An apostrophe stays only inside a name ("H'Leo").
    rule(r"(?<![^\W\d_])'+|'+(?![^\W\d_])", " "),
    rule(r"(?:[,;:.] *){4,}", lambda m: ". " if "." in m.group() else ", "),
    # "tin, bài,... lên": the sentence goes on.
    rule(rf"[ ]?,?\.{{2,5}}(?=[ ]?[{LOWER}])", ", "),
    rule(r"[^\S\n]+", " "),
    rule(r" *\n *", "\n"),
    rule(r" (?=[.,;:?])", ""),
    rule(r"[,;:.](?:[ ]?[,;:.])*(?=[ ]?[.?])", ""),
    # Of several marks the last is the writer's, the others stand for brackets.
    rule(r"[,;:](?:[ ]?[,;:])*[ ]?([,;:])", r"\1"),
    rule(r"(?m)^[ ,;:.?]+", ""),
    rule(r"(?<=[,;:?.])(?=[^\W\d_])", " "),
    rule(r"\n{3,}", "\n\n"),
)
