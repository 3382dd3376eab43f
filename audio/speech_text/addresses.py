"""Web and e-mail addresses: `dichvucong.gov.vn` is "dịch vụ công chấm gov chấm vê nờ"."""

from __future__ import annotations

import re
from functools import lru_cache

from audio.speech_text.draft import Rule, rule
from audio.speech_text.letters import letter, spelt
from audio.speech_text.numbers import cardinal, digits
from audio.speech_text.syllables import is_pronounceable, is_unmarked_syllable
from audio.speech_text.tables import pairs

_WORDS = pairs("address_words.tsv")
_LONGEST_WORD = max(map(len, _WORDS))
_ENDINGS = (
    "vn|com|net|org|edu|gov|info|biz|asia|io|app|me|co|tv|xyz|site|online|pro|name|health|int|mil|eu|uk|us|jp|kr|cn|ly|"
    "page|link|shop|gl"
)
_SIGNS = {".": "chấm", "/": "gạch chéo", "-": "gạch ngang", "_": "gạch dưới", "@": "a còng", ":": "hai chấm", "?": "dấu hỏi",
          "=": "bằng", "&": "và", "#": "thăng", "+": "cộng", "%": "phần trăm", "~": "dấu ngã"}  # fmt: skip
_TRAILING = ".,;:!?)]}>\"'*_"


def _address(match: re.Match[str]) -> str:
    written = match.group().removeprefix("<")
    address = written.rstrip(_TRAILING)
    left_over = written[len(address) :]
    bare = re.sub(r"(?i)^(?:https?://|mailto:)", "", address)
    bare = re.sub(r"(?i)^www\.(?=[^.]+\.)", "", bare).rstrip("/")
    return f"{spoken_address(bare)}{left_over}"


def spoken_address(address: str) -> str:
    """The words of an address without its scheme. Words of a path, joined by hyphens, are read as words."""
    host, slash, path = address.partition("/")
    parts = [_tokens(host)]
    if slash:
        # "huong-dan" is two words of one name: without its hyphens it can be found in the list.
        parts.append(_tokens(slash + re.sub(r"(?<=[A-Za-z])-(?=[A-Za-z])", "", path)))
    return " ".join(parts)


def _tokens(text: str) -> str:
    tokens = re.findall(r"[A-Za-z]+|\d+|[^\sA-Za-z\d]", text)
    return " ".join(word for word in map(_token, tokens) if word)


def _token(token: str) -> str:
    if token.isdigit():
        return digits(token) if len(token) > 2 or token.startswith("0") else cardinal(int(token))
    if token.isascii() and token.isalpha():
        return label(token.lower())
    return _SIGNS.get(token, token if token.isalpha() else "")


@lru_cache(maxsize=4096)
def label(name: str) -> str:
    """One part of an address: known words with their marks, syllables, what can be spoken, then letters."""
    if name in _WORDS:
        return _WORDS[name]
    pieces = _cheapest(name)
    kinds = {kind for _, kind in pieces}
    if "letter" in kinds and "word" not in kinds and is_pronounceable(name) and len(name) > 2:
        return name
    return " ".join(_piece(piece, kind) for piece, kind in pieces)


def _piece(piece: str, kind: str) -> str:
    if kind == "word":
        return _WORDS[piece]
    return letter(piece) if kind == "letter" else piece


def _cheapest(name: str) -> list[tuple[str, str]]:
    """Cut a name so that known words beat bare syllables and both beat single letters."""
    best: list[tuple[float, list[tuple[str, str]]]] = [(0.0, [])]
    for end in range(1, len(name) + 1):
        options: list[tuple[float, list[tuple[str, str]]]] = []
        for start in range(max(0, end - _LONGEST_WORD), end):
            piece = name[start:end]
            kind, cost = _kind_and_cost(piece)
            if kind:
                before_cost, before = best[start]
                options.append((before_cost + cost, [*before, (piece, kind)]))
        best.append(min(options, key=lambda option: (option[0], len(option[1]))))
    return best[-1][1]


def _kind_and_cost(piece: str) -> tuple[str, float]:
    if piece in _WORDS and len(piece) > 1:
        return "word", 1.0 + 0.1 * (12 - min(len(piece), 12)) / 12
    if 2 <= len(piece) <= 6 and is_unmarked_syllable(piece) and not re.fullmatch(r"[aeiouy]+", piece):
        return "syllable", 1.6 if len(piece) > 2 else 2.4
    return ("letter", 1.5) if len(piece) == 1 else ("", 0.0)


def _hashtag(match: re.Match[str]) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", match[1]).replace("_", " ").split()
    return " ".join(label(word.lower()) if word.isascii() and word.isalpha() else word for word in words)


_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?"
_TAIL = r"(?::\d{2,5})?(?:/[^\s<>\"()\[\]|]*)?"

RULES: tuple[Rule, ...] = (
    rule(r"(?i)<?\b(?:https?://|www\.)[^\s<>\"()\[\]|]+>?", _address),
    rule(
        r"(?<![\w.])[A-Za-z0-9][\w.+-]*\s?@\s?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+",
        lambda m: spoken_address(m.group().replace(" ", "")),
    ),
    rule(rf"(?i)(?<![\w@.-])(?:{_HOST}\.){{1,6}}(?:{_ENDINGS})(?![\w-]|\.\w){_TAIL}", _address),
    rule(r"(?<!\w)#([^\W\d_]\w+)", _hashtag),
    rule(
        r"(?<!\w)@([A-Za-z]\w+)",
        lambda m: f"a còng {label(m[1].lower())}" if m[1].isalpha() else f"a còng {spelt(m[1])}",
    ),
)
