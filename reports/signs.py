"""The signs of a duty's state: word, colour and shape. One source for pages, pictures and documents.

Shapes are paths in a 24 x 24 box, because the typeface has no such marks; each differs from the others without
its colour. Fill rule is even-odd, so a ring is a disc with a hole.
"""

from __future__ import annotations

from dataclasses import dataclass

from airlog.rules import Sign

BOX = 24
_DISC = "M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0z"


@dataclass(frozen=True)
class Look:
    """How a state is said and drawn. `ink` is the sign, `tint` the ground of its cell; AA on both."""

    word: str
    ink: str
    tint: str
    path: str


LOOKS: dict[Sign, Look] = {
    Sign.AIRED: Look("đã phát", "#1F5FA8", "#DCE8F6", _DISC),
    Sign.LATE: Look("phát bù", "#3F78B5", "#EAF1F9", _DISC + "M12 5.4a6.6 6.6 0 0 1 0 13.2z"),
    Sign.PART: Look(
        "phát thiếu",
        "#3F78B5",
        "#EAF1F9",
        _DISC + "M5.4 12a6.6 6.6 0 1 0 13.2 0a6.6 6.6 0 1 0-13.2 0z" + "M8 12a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    ),
    Sign.CANNOT: Look(
        "chưa phát được",
        "#A35F00",
        "#FBF0DE",
        "M10 2.5h4l-.7 12h-2.6zM9.8 19.2a2.2 2.2 0 1 0 4.4 0a2.2 2.2 0 1 0-4.4 0z",
    ),
    Sign.SILENT: Look(
        "chưa trả lời", "#B3261E", "#FBE7E5", _DISC + "M6.2 12a5.8 5.8 0 1 0 11.6 0a5.8 5.8 0 1 0-11.6 0z"
    ),
    Sign.EXCUSED: Look("được miễn", "#6B7078", "#EEF0F2", "M4 10h16v4H4z"),
    Sign.PENDING: Look("đang chờ", "#78818B", "#FFFFFF", "M4 4h16v16H4zM6 6v12h12V6z"),
}


def sign_svg(sign: Sign, size_px: int = 20) -> str:
    """The sign alone, for a page that writes the word beside it (hence hidden from screen readers)."""
    return (
        f'<svg class="sign" width="{size_px}" height="{size_px}" viewBox="0 0 {BOX} {BOX}" aria-hidden="true">'
        f"{sign_shape(sign)}</svg>"
    )


def sign_shape(sign: Sign) -> str:
    """The path of a sign in its box, for a picture or a symbol that is used many times."""
    look = LOOKS[sign]
    return f'<path class="ink-{sign}" fill="{look.ink}" fill-rule="evenodd" d="{look.path}"/>'
