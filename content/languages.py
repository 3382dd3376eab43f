"""The languages of the communes: ISO 639-3 code and Vietnamese name. The customer confirms which of two codes is meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

VIETNAMESE = "vie"
LANGUAGES: Mapping[str, str] = MappingProxyType(
    {
        VIETNAMESE: "tiếng Việt",
        "rad": "tiếng Ê Đê",
        "cmo": "tiếng M'Nông Trung",
        "mnn": "tiếng M'Nông Nam",
        "mww": "tiếng Mông trắng",
        "hmv": "tiếng Mông Dô",
        "tyz": "tiếng Tày",
        "nut": "tiếng Nùng",
        "blt": "tiếng Thái đen",
        "twh": "tiếng Thái trắng",
        "khm": "tiếng Khmer",
        "jra": "tiếng Jrai",
        "bdq": "tiếng Bahnar",
        "sed": "tiếng Xơ Đăng",
        "kpm": "tiếng K'Ho",
    }
)


def language_vi(code: str) -> str:
    """“tiếng Ê Đê”; a code we have no name for stands for itself."""
    return LANGUAGES.get(code, f"tiếng có mã {code}")


def is_language(code: str) -> bool:
    """Of the shape of an ISO 639-3 code: a mandate may name a language that is not in our list."""
    return len(code) == 3 and code.isascii() and code.isalpha() and code.islower()


def codes_of(text: str) -> tuple[str, ...]:
    """The codes of a comma separated list, as mandates and duties hold it; each once, in their order."""
    return tuple(dict.fromkeys(code for part in text.split(",") if (code := part.strip())))


def names_of(codes: Iterable[str]) -> str:
    """“tiếng Ê Đê, tiếng Jrai”."""
    return ", ".join(language_vi(code) for code in codes)
