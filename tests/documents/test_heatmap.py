"""The heat map: nothing cut off, nothing told by colour alone, the same picture on every machine."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from importlib.resources import files

import pytest
from PIL import Image, ImageFont

from airlog.rules import Sign
from content.week import Week
from reports.heatmap import MAX_ROWS, MAX_WEEKS, WIDTH, HeatRow, HeatWeek, heat_map_svg, heat_map_svgs
from reports.picture import svg_to_png, text_width
from reports.signs import LOOKS, sign_svg

TITLE, AS_OF = "Khu vực Đắk Mil", "Số liệu lúc 17 giờ 05, thứ Ba 24/11"
SVG = "{http://www.w3.org/2000/svg}"
LAST = Week.parse("2026-W48")
LETTERS = "ăâđêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"


def weeks(count: int, last: Week = LAST) -> list[HeatWeek]:
    return [HeatWeek(last.shift(at - count + 1), at == count - 1) for at in range(count)]


def rows(count: int, signs: Sequence[Sign | None] = (Sign.AIRED,)) -> list[HeatRow]:
    return [HeatRow(f"Xã Đắk Mil {n}", n, tuple(signs)) for n in range(1, count + 1)]


def texts(svg: str) -> list[str]:
    return ["".join(one.itertext()) for one in ET.fromstring(svg).iter(f"{SVG}text")]


def titles(svg: str) -> list[str]:
    return [one.text or "" for one in ET.fromstring(svg).iter(f"{SVG}title")]


def channel(part: int) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.03928 else float(((share + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        red, green, blue = (channel(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(
    ("stations", "columns", "says"), [(0, 3, "Chưa có đài nào để vẽ."), (2, 0, "Chưa có tuần nào để vẽ.")]
)
def test_a_map_of_nothing_says_so(stations: int, columns: int, says: str) -> None:
    svg = heat_map_svg(rows(stations, ()), weeks(columns), TITLE, AS_OF)

    assert texts(svg) == [TITLE, AS_OF, says]


def test_a_row_without_a_sign_for_each_week_is_refused() -> None:
    with pytest.raises(ValueError, match="one sign"):
        heat_map_svg(rows(1), weeks(2), TITLE, AS_OF)


def test_a_name_with_markup_stays_a_name() -> None:
    row = HeatRow("Xã <b>Krông & Nô", 1, (Sign.AIRED,))

    assert "Xã <b>Krông & Nô" in texts(heat_map_svg([row], weeks(1), TITLE, AS_OF))


def test_more_weeks_than_can_be_told_apart_are_left_out_and_the_picture_says_so() -> None:
    svg = heat_map_svg(rows(1, [Sign.SILENT] * 30), weeks(30), TITLE, AS_OF)

    assert len(titles(svg)) == MAX_WEEKS
    assert f"{AS_OF}, chỉ vẽ 26 tuần sau cùng" in texts(svg)


def test_a_week_in_which_nothing_was_owed_stays_empty() -> None:
    svg = heat_map_svg(rows(1, [None, Sign.AIRED]), weeks(2), TITLE, AS_OF)

    assert titles(svg) == ["Xã Đắk Mil 1, tuần 48 (23-29/11): đã phát"]


def test_forty_one_stations_make_two_pictures_of_nearly_equal_length() -> None:
    pictures = heat_map_svgs(rows(MAX_ROWS + 1), weeks(1), TITLE, AS_OF)

    assert [len(titles(svg)) for svg in pictures] == [21, 20]
    assert [texts(svg)[0] for svg in pictures] == [f"{TITLE} (1/2)", f"{TITLE} (2/2)"]


def test_every_cell_tells_station_week_and_state_in_words() -> None:
    svg = heat_map_svg(rows(1, list(Sign)), weeks(len(Sign)), TITLE, AS_OF)

    assert [one.rsplit(": ")[1] for one in titles(svg)] == [LOOKS[sign].word for sign in Sign]
    assert {LOOKS[sign].word for sign in Sign} <= set(texts(svg))


def test_stations_stay_in_the_given_order_and_link_where_asked() -> None:
    given = [HeatRow("Xã Đức An", 7, (Sign.AIRED,)), HeatRow("Xã Cư Jút", 3, (Sign.SILENT,))]

    links = ET.fromstring(heat_map_svg(given, weeks(1), TITLE, AS_OF, "/stations/")).iter(f"{SVG}a")

    assert [one.get("href") for one in links] == ["/stations/7", "/stations/3"]


def test_months_stand_over_their_weeks_and_a_new_year_is_named() -> None:
    svg = heat_map_svg(rows(1, [Sign.AIRED] * 12), weeks(12, Week.parse("2027-W06")), TITLE, AS_OF)

    named = [text for text in texts(svg) if text.startswith("tháng")]
    assert named == ["tháng 11", "tháng 12", "tháng 1/2027", "tháng 2"]


@pytest.mark.parametrize(
    "name", ["Phường Văn Miếu - Quốc Tử Giám", "Đài số 2 phường Xuân Trường - Đà Lạt, cụm thôn 4"]
)
@pytest.mark.parametrize("columns", [1, 12, 26])
def test_nothing_reaches_over_the_edge(name: str, columns: int) -> None:
    svg = heat_map_svg([HeatRow(name, 1, (Sign.AIRED,) * columns)], weeks(columns), TITLE, AS_OF)

    for one in ET.fromstring(svg).iter(f"{SVG}text"):
        shown = (one.text or "") or (one[0].tail or "")
        width = text_width(shown, float(one.get("font-size", "0")), bold="font-weight" in one.attrib)
        share = {"start": 1.0, "middle": 0.5, "end": 0.0}[one.get("text-anchor", "start")]
        assert float(one.get("x", "0")) + width * share <= WIDTH - 20


def test_a_name_that_had_to_be_shortened_is_whole_in_its_title() -> None:
    name = "Đài số 2 phường Xuân Trường - Đà Lạt, cụm thôn 4"

    assert name in titles(heat_map_svg([HeatRow(name, 1, (Sign.AIRED,))], weeks(1), TITLE, AS_OF))


def test_the_picture_is_as_wide_as_a_chat_shows_it_and_the_same_each_time() -> None:
    svg = heat_map_svg(rows(28, [Sign.AIRED, Sign.SILENT]), weeks(2), TITLE, AS_OF)

    first, second = svg_to_png(svg, WIDTH), svg_to_png(svg, WIDTH)

    assert first == second
    assert Image.open(io.BytesIO(first)).width == 1080


def test_the_picture_is_drawn_in_the_packed_typeface_and_no_other() -> None:
    """Were the name unknown, typst would fall back to its own serif, which is another picture."""
    frame = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 80"><text y="60" font-size="60" font-family="{}">Đắk Sắk</text></svg>'

    ours, fallback = (svg_to_png(frame.format(name), 400) for name in ("Be Vietnam Pro", "Không Có"))

    assert ours != fallback


@pytest.mark.parametrize("file", ["BeVietnamPro-Regular.ttf", "BeVietnamPro-SemiBold.ttf"])
def test_the_packed_typeface_has_every_vietnamese_letter(file: str) -> None:
    font = ImageFont.truetype(str(files("reports") / "fonts" / file), 40)
    missing = bytes(font.getmask("\uffff"))

    assert [letter for letter in LETTERS + LETTERS.upper() if bytes(font.getmask(letter)) == missing] == []


def test_signs_differ_without_their_colour_and_are_seen_on_their_ground() -> None:
    shapes = {look.path for look in LOOKS.values()}

    assert len(shapes) == len({look.word for look in LOOKS.values()}) == len(Sign)
    weak = [sign for sign, look in LOOKS.items() if contrast(look.ink, look.tint) < 3]
    assert weak == []


def test_no_style_attribute_or_script_that_the_page_would_refuse() -> None:
    svg = heat_map_svg(rows(3), weeks(1), TITLE, AS_OF, "/stations/") + sign_svg(Sign.LATE)

    assert re.findall(r"\sstyle=|<script|<style|\son\w+=", svg) == []
