"""Names are read right before anybody has entered one: provinces, communes, the Central Highlands."""

from __future__ import annotations

import csv
import re
from importlib.resources import files

import pytest

from audio.render import spoken_words
from audio.speech_text import respell, spoken
from audio.speech_text.respelling import NATIONAL, reading_trouble

AREAS = list(csv.DictReader((files("airlog") / "communes-2026.csv").read_text("utf-8").splitlines()))
COMMUNES = [row["name"] for row in AREAS]
PROVINCES = sorted({row["province"] for row in AREAS})
DEMO = [row["name"] for row in AREAS if row["former_province"] == "Tỉnh Đắk Nông"]
HIGHLANDS = {
    "Đắk": "đắc", "Lắk": "lắc", "Krông": "cờ rông", "Pắk": "pắc", "Krông Pắk": "cờ rông pắc", "Pleiku": "pờ lây cu",
    "Kon Tum": "con tum", "Kon Plông": "con pờ lông", "Kon Rẫy": "con rẫy", "Kông Chro": "kông chờ ro",
    "Ea H'leo": "ê a hơ leo", "Ea H’Leo": "ê a hơ leo", "Ea Súp": "ê a súp", "Ea Kar": "ê a ca",
    "Cư M'gar": "cư mơ ga", "Cư M’gar": "cư mơ ga", "Cư Jút": "cư giút", "Cư Kuin": "cư cuyn",
    "Buôn Ma Thuột": "buôn ma thuột", "Buôn Hồ": "buôn hồ", "Buôn Đôn": "buôn đôn", "Krông Búk": "cờ rông búc",
    "Krông Ana": "cờ rông a na", "Krông Bông": "cờ rông bông", "Krông Năng": "cờ rông năng",
    "Krông Nô": "cờ rông nô", "Ngọc Linh": "ngọc linh", "Ngok Linh": "ngọc linh", "M'Drắk": "mơ đờ rắc",
    "Chư Prông": "chư pờ rông", "Chư Sê": "chư sê", "Chư Yang Sin": "chư dang sin", "Ia Grai": "i a gờ rai",
    "Ia Pa": "i a pa", "Ia H'Drai": "i a hơ đờ rai", "Đăk Glei": "đắc gờ lây", "Đăk Tô": "đắc tô", "Đăk Hà": "đắc hà",
    "Đak Pơ": "đắc pơ", "Đak Đoa": "đắc đoa", "Đak Sơmei": "đắc sơ mây", "Đắk Mil": "đắc min", "Đắk Wil": "đắc uyn",
    "Đắk R'lấp": "đắc rơ lấp", "Đắk Glong": "đắc gờ lông", "Tuy Đức": "tuy đức", "Tu Mơ Rông": "tu mơ rông",
    "Sa Thầy": "sa thầy", "Lạc Dương": "lạc dương", "Lang Biang": "lang bi ang", "Đam Rông": "đam rông",
    "Đạ Huoai": "đạ hoai", "Đạ Tẻh": "đạ tẻ", "D'Ran": "đơ ran", "B'Lao": "bơ lao", "KBang": "cờ bang",
    "Mang Yang": "mang dang", "Măng Đen": "măng đen", "Măng Buk": "măng búc", "Ayun Pa": "a dun pa",
    "A Yun Pa": "a dun pa", "Plei Me": "pờ lây me", "Yok Đôn": "dóc đôn", "Sêrêpốk": "sê rê pốc", "Ialy": "i a ly",
    "Nơ Trang Lơng": "nơ trang lơng", "Dliê Ya": "đờ lia da", "Nâm N'Jang": "nâm nơ giang", "Kbuôr": "cờ bua",
    "K'Ho": "cơ ho", "Cơ Ho": "cơ ho", "Ê Đê": "ê đê", "M'Nông": "mơ nông", "Mnông": "mơ nông",
    "Xơ Đăng": "xơ đăng", "Jrai": "gia rai", "Gia Rai": "gia rai", "Bahnar": "ba na", "Ba Na": "ba na",
    "Giẻ Triêng": "giẻ triêng", "Brâu": "bờ râu", "Rơ Măm": "rơ măm", "Churu": "chu ru", "H'Mông": "mông",
    "Raglai": "ra gờ lai", "X'tiêng": "xờ tiêng", "H'Hen Niê": "hơ hen ni ê",
}  # fmt: skip


def unsayable(name: str) -> list[str]:
    """The syllables of a name that no Vietnamese voice could be given."""
    words = re.findall(r"[^\s.,;:?]+", respell(spoken(name)).lower())
    return [word for word in words if word not in NATIONAL.values() and not _plain(word)]


def _plain(word: str) -> bool:
    trouble = reading_trouble(word, 80)
    return trouble is None or "luôn đọc" in trouble


def test_the_lists_are_whole() -> None:
    assert (len(COMMUNES), len(PROVINCES), len(DEMO)) == (3321, 34, 28)
    assert len(HIGHLANDS) > 60


@pytest.mark.parametrize(("written", "said"), HIGHLANDS.items(), ids=HIGHLANDS.keys())
def test_a_name_of_the_highlands_is_read_as_people_there_say_it(written: str, said: str) -> None:
    assert respell(spoken(f"xã {written} hôm nay")).lower() == f"xã {said} hôm nay"


@pytest.mark.parametrize("name", [*PROVINCES, *DEMO])
def test_provinces_and_the_communes_of_the_trial_are_plain_syllables(name: str) -> None:
    assert unsayable(name) == []


def test_a_province_is_read_by_its_own_name() -> None:
    changed = {name: respell(spoken(name)) for name in PROVINCES if respell(spoken(name)) != name}

    assert changed == {"Tỉnh Đắk Lắk": "Tỉnh đắc lắc"}


def test_the_communes_of_the_trial_are_read_so() -> None:
    changed = {name: respell(spoken(name)).lower() for name in DEMO if respell(spoken(name)) != name}

    assert changed == {
        "Xã Cư Jút": "xã cư giút",
        "Xã Đắk Wil": "xã đắc uyn",
        "Xã Đắk Mil": "xã đắc min",
        "Xã Đắk Sắk": "xã đắc sắc",
        "Xã Krông Nô": "xã cờ rông nô",
        "Xã Đắk Song": "xã đắc song",
    }


def test_no_commune_of_the_country_leaves_a_syllable_that_cannot_be_said() -> None:
    assert {name: left for name in COMMUNES if (left := unsayable(name))} == {}


def test_the_neural_voice_reads_every_commune_and_the_whole_national_list() -> None:
    g2p = pytest.importorskip("sanotts.vi_g2p")

    left = {
        text: unread
        for text in [*(respell(spoken(name)) for name in COMMUNES), *NATIONAL.values()]
        if (unread := g2p.phonemize_to_espeak_ipa(text)[1])
    }

    assert left == {}


def test_a_heading_in_capitals_reads_its_names_too() -> None:
    assert spoken_words("ĐÀI TRUYỀN THANH XÃ ĐẮK WIL").lower() == "đài truyền thanh xã đắc uyn"


def test_the_national_list_is_in_order_and_in_small_letters() -> None:
    words = list(NATIONAL)

    assert words == sorted(words)
    assert all(word == word.lower() and said == said.lower() for word, said in NATIONAL.items())
