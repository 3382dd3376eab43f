"""Every shipped script, held against what a listener by the road needs."""

import re
import unicodedata
from importlib.resources import files

import pytest

from content.item import LONGEST, SHORTEST, LibraryItem, sentences, warnings, word_count
from content.shelf import item, library
from content.topics import TOPICS, TopicCode

MESSAGES = {
    1: "Người đứng đầu mà không có quyết tâm chính trị thì chuyển đổi số sẽ không xảy ra.",
    2: "Chuyển đổi số phải lấy người dân và doanh nghiệp là trung tâm, là chủ thể và là mục tiêu của sự phát triển.",
    3: "Chuyển đổi số là cuộc cách mạng của toàn dân. Mỗi người dân phải trở thành công dân số thì chuyển đổi số mới thành công.",
    4: "Không một quốc gia, tổ chức, cá nhân nào có thể đứng ngoài tiến trình chuyển đổi số của nhân loại.",
    5: "Chuyển đổi số giáo dục chính là cách chúng ta thay đổi tương lai của cả quốc gia.",
    6: "Dữ liệu chính là tài nguyên trong chuyển đổi số nhưng tài nguyên này càng khai thác, chia sẻ thì giá trị mang lại càng lớn.",
    7: "Doanh nghiệp công nghệ số chính là hạt nhân của quá trình chuyển đổi số.",
    8: "Chuyển đổi số là động lực thực sự tạo ra cơ hội, giá trị mới để thúc đẩy phát triển kinh tế - xã hội.",
    9: "An toàn thông tin phải song hành và trở thành một phần không thể tách rời của chuyển đổi số.",
}
ASKED_FOR = (
    "chuyen-doi-so-la-gi",
    "tai-sao-phai-chuyen-doi-so",
    "chuyen-doi-so-can-lam-gi",
    "ngay-chuyen-doi-so-quoc-gia",
    "thang-tieu-dung-so",
    "khac-nhau-cntt-va-chuyen-doi-so",
    "vneid-va-dich-vu-cong",
    "thanh-toan-khong-tien-mat",
    "an-toan-khi-dung-mang",
)
# Marks and words that have no place on a loudspeaker: the old district level, named officials, what only the eye can use.
FORBIDDEN = re.compile(
    r"!|\bhuyện\b|\bquận\b|\bthị trấn\b|\bthị xã\b|https?:|www\.|\bcăn cứ\b|\btriển khai\b"
    r"|\b(Đoàn Ngọc Vinh|Đậu Tùng Lâm|Dương Xuân Huyền|Đỗ Quang Nghĩa|Lê Văn Nam|Nguyễn Văn Tước)\b|\b(click|video|online|app|file)\b"
)
PHONE = re.compile(r"\b\d{3,}\b")

every_item = pytest.mark.parametrize("script", library(), ids=lambda one: one.slug)


@every_item
def test_a_script_has_a_length_people_listen_to(script: LibraryItem) -> None:
    assert SHORTEST <= word_count(script.script) <= LONGEST


@every_item
def test_a_script_has_sentences_for_one_breath_and_nothing_for_the_eye(script: LibraryItem) -> None:
    assert warnings(script) == ()


@every_item
def test_official_words_stand_in_the_script_exactly_once(script: LibraryItem) -> None:
    assert script.quote
    assert script.script.count(script.quote) == 1


@every_item
def test_a_numbered_message_is_quoted_word_for_word(script: LibraryItem) -> None:
    assert script.message is None or script.quote == MESSAGES[script.message]


@every_item
def test_a_script_ends_with_thanks(script: LibraryItem) -> None:
    assert re.match(r"(Xin c|C)ảm ơn ", sentences(script.script)[-1])


@every_item
def test_a_script_says_where_to_find_help(script: LibraryItem) -> None:
    assert "Tổ công nghệ số cộng đồng" in script.script or "công an xã" in script.script


@every_item
def test_a_script_holds_no_word_that_is_wrong_on_the_loudspeaker(script: LibraryItem) -> None:
    assert FORBIDDEN.findall(script.script) == []


@every_item
def test_the_only_long_figures_are_years_and_the_three_emergency_numbers(script: LibraryItem) -> None:
    assert set(PHONE.findall(script.script)) <= {"113", "114", "115", "2022", "2025", "2026"}


@every_item
def test_an_item_is_composed_unicode_in_vietnamese(script: LibraryItem) -> None:
    everything = "\n".join((script.title, script.source, script.quote or "", script.script, *script.keywords))
    assert unicodedata.is_normalized("NFC", everything)
    assert script.language == "vie"


def test_no_two_scripts_open_alike() -> None:
    openings = [" ".join(one.script.split()[:3]).casefold() for one in library()]
    assert len(set(openings)) == len(openings)


def test_each_of_the_nine_messages_has_a_script_of_its_own() -> None:
    own = [(one.message, one.slug) for one in library() if one.slug.startswith("thong-diep-")]
    assert [message for message, _ in own] == list(range(1, 10))
    assert all(slug.startswith(f"thong-diep-{message}-") for message, slug in own)


def test_the_library_speaks_about_all_nine_topics() -> None:
    assert {one.topic for one in library()} == set(TopicCode) == {topic.code for topic in TOPICS}
    assert len(TOPICS) == 9


def test_what_the_letters_ask_for_is_there() -> None:
    assert [slug for slug in ASKED_FOR if item(slug) is None] == []


def test_the_airing_order_names_every_file_once() -> None:
    names = sorted(
        entry.name.removesuffix(".md")
        for entry in (files("content") / "library").iterdir()
        if entry.name.endswith(".md")
    )
    assert sorted(one.slug for one in library()) == names


def test_the_day_and_the_month_of_digital_transformation_stay_in_october() -> None:
    seasons = {one.slug: str(one.season) for one in library() if one.topic is TopicCode.DX_DAY}
    assert seasons == {"ngay-chuyen-doi-so-quoc-gia": "10-04..10-10", "thang-tieu-dung-so": "10-01..10-31"}
