"""An SVG as PNG, for chats and documents: drawn by typst, with the typeface that is packed here."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

import typst
from PIL import ImageFont

_FONTS = files("reports") / "fonts"
REGULAR, SEMIBOLD = "BeVietnamPro-Regular.ttf", "BeVietnamPro-SemiBold.ttf"
_MEASURED_PX = 100


def svg_to_png(svg: str, width_px: int) -> bytes:
    """Draw `svg` at `width_px`, height by its own proportions. Same input, same bytes.

    System fonts are ignored: what one machine draws, every machine draws. Takes about 0.1 s, so call it in a thread.
    """
    page = f"#set page(width: {width_px}pt, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), width: 100%)"
    drawn = typst.compile(
        page.encode(), format="png", ppi=72, font_paths=packed_fonts(), sys_inputs={"svg": svg}
    )
    if not isinstance(drawn, bytes):
        raise ValueError("typst made several pages of one picture")
    return drawn


def text_width(text: str, size_px: float, *, bold: bool = False) -> float:
    """How wide `text` is drawn, in pixels."""
    return _font(SEMIBOLD if bold else REGULAR).getlength(text) * size_px / _MEASURED_PX


@cache
def packed_fonts() -> typst.Fonts:
    """The typeface packed with the product and nothing else of this machine."""
    with as_file(_FONTS) as folder:
        return typst.Fonts(include_system_fonts=False, font_paths=[str(folder)])


@cache
def _font(name: str) -> ImageFont.FreeTypeFont:
    with as_file(_FONTS / name) as path:
        return ImageFont.truetype(str(path), _MEASURED_PX)
