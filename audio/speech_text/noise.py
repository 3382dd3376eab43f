"""Unicode noise: decomposed letters, look-alikes, hidden characters, old tone placement."""

from __future__ import annotations

import re
import unicodedata

from audio.speech_text.draft import Rule, Unsure, rule

# Letters of other scripts that office software and converters leave in Vietnamese words.
_LOOKALIKES = str.maketrans(
    "ÐƉðɖАВЕКМНОРСТХаеорсухіІЅѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ĐĐđđABEKMHOPCTXaeopcyxiISsABEZHIKMNOPTYXo"
)
_SIGNS = str.maketrans(
    {
        "⁄": "/", "∕": "/", "／": "/", "⁃": "-", "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-",
        "º": "°", "˚": "°", "℃": "°C", "µ": "μ", "‚": ",", "，": ",", "。": ".", "：": ":", "；": ";", "（": "(",
        "）": ")", "％": "%", "＋": "+", "½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "…": "...",
        "№": "số", "×": "x", "ʼ": "'", "’": "'", "‘": "'", "′": "'", "`": "'", "″": '"', "“": '"', "”": '"', "„": '"',
        "«": '"', "»": '"', "ﬁ": "fi", "ﬂ": "fl", "\t": " ", "\u2028": "\n", "\u2029": "\n", "\x0b": "\n", "\x0c": "\n",
        "\x85": "\n",
    }
)  # fmt: skip
_SMALL_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉"
_NEW_PLACE = re.compile("([oO])([àáảãạèéẻẽẹÀÁẢÃẠÈÉẺẼẸ])|([uU])([ỳýỷỹỵỲÝỶỸỴ])")


def _plain_digits(match: re.Match[str]) -> str:
    return "".join(str(unicodedata.digit(ch)) for ch in match.group())


def _new_tone_place(match: re.Match[str]) -> str:
    """The mark moves to the first vowel ("hoà" to "hòa"), as schools teach now; "quý" keeps its own."""
    first, second = match.group()[0], match.group()[1]
    tone = unicodedata.normalize("NFD", second)[1:]
    return unicodedata.normalize("NFC", first + tone) + unicodedata.normalize("NFD", second)[0]


_VOWELS_WITH_TONE = _NEW_PLACE.pattern


def _cut(match: re.Match[str]) -> Unsure:
    text = match.group()
    return Unsure(" ".join(text[at : at + 100] for at in range(0, len(text), 100)), _NO_WORD)


_NO_WORD = "Dãy ký tự quá dài, không phải một từ."

RULES: tuple[Rule, ...] = (
    # Nothing anybody reads aloud is this long without a blank; later rules may then take words for short.
    rule(r"([^\w\s])\1{5,}", lambda m: m[1] * 5),
    rule(r"\S{400,}", _cut),
    rule(r"[^\S\n]{5,}", "     "),
    rule(r"\n{3,}", "\n\n"),
    rule(r"\r\n?", "\n"),
    # Soft hyphens, joiners, direction marks, byte-order marks: never visible, never spoken.
    rule(
        "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+",
        "",
    ),
    rule(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]+", ""),
    rule("[^\\s\u0300-\u036f][\u0300-\u036f]+", lambda m: unicodedata.normalize("NFC", m.group())),
    rule(
        "[\u0340\u0341\u0343\u0344\u0374\u037e\u0387\u1f00-\u1fff\u2126\u212a\u212b\uf900-\ufaff]",
        lambda m: unicodedata.normalize("NFC", m.group()),
    ),
    rule("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]", " "),
    rule("[\U0001d400-\U0001d7ff\uff01-\uff5e]", lambda m: unicodedata.normalize("NFKC", m.group())),
    rule("[ÐƉðɖАВЕКМНОРСТХаеорсухіІЅѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο]", lambda m: m.group().translate(_LOOKALIKES)),
    rule(
        "[⁄∕／⁃‐‑‒–—―−º˚℃µ‚，。：；（）％＋½¼¾⅓⅔…№×ʼ’‘′`″“”„«»ﬁﬂ\t\u2028\u2029\x0b\x0c\x85]",
        lambda m: m.group().translate(_SIGNS),
    ),
    # A raised 2 or 3 behind a unit of length makes an area or a volume; any other small figure behind a
    # word is a footnote mark and silent, but in the formulas people say.
    rule(r"(?<=[mM])[²³]", _plain_digits),
    rule(r"(?<=CO|NO|SO)₂|(?<=H)₂(?=O)|(?<=O)₃", _plain_digits),
    rule(f"(?<=[^\\W\\d])[{_SMALL_DIGITS}]+|[{_SMALL_DIGITS}]+(?=\\W|$)", ""),
    # Other scripts' figures, so that what follows may take every figure for 0-9.
    rule(r"(?![0-9])\d", _plain_digits),
    rule(f"(?<![qQ])(?:{_VOWELS_WITH_TONE})(?![^\\W\\d_])", _new_tone_place),
)
