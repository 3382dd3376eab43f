"""Item files as officers write them, the broken ones first."""

import unicodedata

import pytest

from content.item import BrokenItem, clean_script, sentences, text_hash, warnings, word_count
from content.item_file import parse_item
from content.topics import OFFICIAL_MESSAGES, TopicCode

BODY = " ".join(["Bà con nghe đài mỗi sáng."] * 25)
HEAD = "id: bai-moi\ntitle: Bài mới: thử\ntopic: policy\nsource: Tự viết\nlanguage: vie"


def written(head: str = HEAD, body: str = BODY) -> str:
    return f"---\n{head}\n---\n{body}\n"


def reason(text: str, name: str = "bai-moi.md") -> str:
    with pytest.raises(BrokenItem) as refused:
        parse_item(text, name)
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("dòng 1", "---")),
        (BODY, ("dòng 1", "---")),
        (f"---\n{HEAD}\n{BODY}", ("kết thúc phần đầu tin",)),
        (written(HEAD.replace("topic: policy\n", "")), ("thiếu khóa “topic”",)),
        (written(HEAD + "\ntac gia"), ("dòng 7", "tac gia")),
        (written(HEAD + "\nauthor: Lan"), ("dòng 7", "khóa lạ “author”")),
        (written(HEAD + "\ntitle: Lần nữa"), ("dòng 7", "lặp lại khóa “title”")),
        (written(HEAD.replace("Tự viết", "")), ("dòng 5", "“source” đang để trống")),
        (written(HEAD.replace("policy", "thoi-su")), ("dòng 4", "thoi-su", "dx-day")),
        (written(HEAD.replace("bai-moi", "Bài mới")), ("dòng 2", "không dấu")),
        (written(HEAD.replace("bai-moi", "bai-cu")), ("“bai-cu”", "khác tên tệp")),
        (written(HEAD.replace("vie", "tiếng Việt")), ("dòng 6", "“language”")),
        (written(HEAD + "\nseason: tháng 10"), ("“season”", "10-01..10-31")),
        (written(HEAD + "\nseason: 02-30..03-01"), ("“season”", "02-30")),
        (written(HEAD + "\nmessage: 10"), ("“message”", "từ 1 đến 9")),
        (written(HEAD + "\nmessage: 3"), ("thông điệp 3", "thiếu khóa “quote”")),
        (
            written(HEAD + "\nmessage: 3\nquote: Chuyển đổi số là của toàn dân."),
            ("khác nguyên văn thông điệp 3",),
        ),
        (written(HEAD + "\nquote: Câu này không có."), ("“quote” có 0 lần",)),
        (written(HEAD + "\nquote: mỗi sáng"), ("“quote” có 25 lần",)),
        (written(HEAD + "\nkeywords: một, hai"), ("“keywords” phải là danh sách",)),
        (written(HEAD + "\n- lạc lõng"), ("dòng 7", "lạc lõng")),
        (written(body="Ngắn quá."), ("chỉ có 2 tiếng",)),
        (written(body=BODY * 5), ("dài 746 tiếng",)),
    ],
)
def test_a_broken_file_is_named_with_the_place_and_the_remedy(text: str, expected: tuple[str, ...]) -> None:
    told = reason(text)
    assert "bai-moi.md" in told
    assert [part for part in expected if part not in told] == []
    assert unicodedata.is_normalized("NFC", told)


def test_a_whole_file_is_read() -> None:
    quote = OFFICIAL_MESSAGES[6]
    head = f"{HEAD}\nmessage: 7\nquote: {quote}\nseason: 12-20..02-15\nkeywords:\n- một\n- hai từ"
    item = parse_item(written(head, f"{BODY}\n\nThông điệp nói: “{quote}”"), "bai-moi.md")
    assert (item.slug, item.title, item.topic) == ("bai-moi", "Bài mới: thử", TopicCode.POLICY)
    assert (item.message, item.quote, str(item.season)) == (7, quote, "12-20..02-15")
    assert item.keywords == ("một", "hai từ")
    assert item.script == f"{BODY}\n\nThông điệp nói: “{quote}”"


def test_a_file_from_windows_or_a_mac_reads_the_same() -> None:
    plain = parse_item(written(), "bai-moi.md")
    windows = "\ufeff" + written().replace("\n", "\r\n")
    mac = unicodedata.normalize("NFD", written())
    assert parse_item(windows, "bai-moi.md") == parse_item(mac, "bai-moi.md") == plain


def test_a_wrapped_line_goes_on_and_a_new_line_from_word_is_a_paragraph() -> None:
    pasted = f"{BODY}\nCâu sau bị ngắt\ngiữa chừng.\nĐoạn mới."
    assert clean_script(pasted, "dán") == f"{BODY}\n\nCâu sau bị ngắt giữa chừng.\n\nĐoạn mới."


def test_the_hash_of_a_text_ignores_white_space_and_unicode_form_but_no_letter() -> None:
    text = "Kính chào bà con.\n\nXin cảm ơn."
    assert text_hash(text) == text_hash(unicodedata.normalize("NFD", " Kính chào  bà con. Xin cảm ơn.\n"))
    assert text_hash(text) != text_hash(text.replace("bà", "ba"))


def test_words_are_counted_as_people_speak_them() -> None:
    assert word_count("kinh tế - xã hội, 10/10 “Đề án 06”.") == 8


def test_a_sentence_ends_where_the_voice_drops() -> None:
    assert sentences("Giá 10.000 đồng. Ai biết? “Xong rồi.” Hết") == (
        "Giá 10.000 đồng.",
        "Ai biết?",
        "“Xong rồi.",
        "Hết",
    )


def test_an_editor_is_warned_of_long_sentences_short_scripts_and_lists() -> None:
    long_sentence = "Câu này " + "rất dài " * 12 + "rồi."
    body = f"{long_sentence} Bà con nghe đài mỗi sáng nhé.\n- Gạch đầu dòng thứ nhất."
    notes = warnings(parse_item(written(body=body), "bai-moi.md"))
    assert ["dài 27 tiếng" in notes[0], "mới có 39 tiếng" in notes[1], "“-”" in notes[2]] == [True] * 3


def test_a_long_official_quote_is_no_fault() -> None:
    quote = OFFICIAL_MESSAGES[5]
    item = parse_item(written(f"{HEAD}\nmessage: 6\nquote: {quote}", f"{BODY}\n\n“{quote}”"), "bai-moi.md")
    assert warnings(item) == ()
