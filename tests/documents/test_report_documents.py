"""Documents are opened again and their cells added up against the record."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from airlog import queries, report_reads
from airlog.scope import Scope
from content.week import Week
from reports.figures import Figures, gather
from reports.ledger_xlsx import as_xlsx
from reports.period import six_months_ending
from reports.to_xlsx import log_view, week_view
from reports.write import ReportPaths, file_stem, write_figures
from tests.report_world import FIRST, HOSTILE, NOW, World, busy_world, empty_world, fill
from tests.stores import Stores

HALF_YEAR = six_months_ending(date(2026, 6, 4))
STATES = ("Đúng tuần", "Phát bù", "Phát thiếu", "Được miễn", "Chưa phát được", "Chưa trả lời", "Đang chờ")


@pytest.fixture(scope="module")
def busy(stores: Stores, store_kind: str) -> Iterator[World]:
    world = busy_world(stores.filled(store_kind, fill))
    yield world
    world.database.close()


@pytest.fixture
def empty(stores: Stores, store_kind: str) -> Iterator[World]:
    """The stations and the library; nobody owes anything yet."""
    world = empty_world(stores.filled(store_kind, fill))
    yield world
    world.database.close()


@pytest.fixture(scope="module")
def figures(busy: World) -> Figures:
    with busy.database.reading() as session:
        return gather(session, busy.scope, HALF_YEAR, NOW)


@pytest.fixture(scope="module")
def made(figures: Figures, tmp_path_factory: pytest.TempPathFactory) -> ReportPaths:
    return write_figures(figures, tmp_path_factory.mktemp("reports") / "new")


def sheet_of(path: Path, name: str) -> Worksheet:
    sheet = load_workbook(path)[name]
    assert isinstance(sheet, Worksheet)
    return sheet


def rows_of(sheet: Worksheet) -> list[dict[str, object]]:
    head, *rows = list(sheet.iter_rows(values_only=True))
    return [dict(zip(map(str, head), row, strict=True)) for row in rows]


def word_tables(path: Path) -> dict[str, list[list[str]]]:
    """Tables with a heading, by the title of their second column."""
    tables = [
        [[cell.text for cell in row.cells] for row in table.rows] for table in Document(str(path)).tables
    ]
    return {table[0][1]: table for table in tables if table[0][0] == "TT"}


def words_of(path: Path) -> str:
    return "\n".join(paragraph.text for paragraph in Document(str(path)).paragraphs)


def test_a_period_without_duties_gives_a_clear_report_and_an_empty_log(empty: World, tmp_path: Path) -> None:
    with empty.database.reading() as session:
        paths = write_figures(gather(session, empty.scope, HALF_YEAR, NOW), tmp_path / "out")

    assert "chưa được giao việc phải phát nào" in words_of(paths.docx)
    assert "KẾT QUẢ PHÁT THANH" not in words_of(paths.docx)
    assert rows_of(sheet_of(paths.xlsx, "Nhật ký phát thanh")) == []


def test_the_letter_has_the_official_form_and_no_signer_name(made: ReportPaths) -> None:
    tables = [
        cell.text for table in Document(str(made.docx)).tables for row in table.rows for cell in row.cells
    ]
    frame, words = "\n".join(tables), words_of(made.docx)

    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc" in frame
    assert "UBND TỈNH LÂM ĐỒNG\nSỞ KHOA HỌC VÀ CÔNG NGHỆ" in frame
    assert "Lâm Đồng, ngày 04 tháng 6 năm 2026" in frame
    assert "Nơi nhận:\n- UBND tỉnh Lâm Đồng (để báo cáo);" in frame
    assert frame.rstrip().endswith("GIÁM ĐỐC") or "GIÁM ĐỐC\n" in frame
    assert "BÁO CÁO" in words and "từ ngày 05/12/2025 đến ngày 04/6/2026" in words and "./." in words


def test_nothing_of_the_template_language_is_left_over(made: ReportPaths) -> None:
    text = zipfile.ZipFile(made.docx).read("word/document.xml").decode()

    assert "{%" not in text and "{{" not in text


def test_the_word_tables_add_up_to_the_duties_of_the_record(made: ReportPaths, figures: Figures) -> None:
    for name in ("Khu vực (huyện cũ)", "Xã, phường, đặc khu", "Tháng"):
        head, *rows, total = word_tables(made.docx)[name]
        for place, title in enumerate(head):
            if title in ("Số đài", "Phải phát", *STATES):
                assert sum(int(row[place]) for row in rows) == int(total[place])
        assert total[head.index("Phải phát")] == str(figures.totals.total)


def test_the_word_table_of_topics_adds_up_to_the_airings_of_the_log(
    made: ReportPaths, figures: Figures
) -> None:
    rows = word_tables(made.docx)["Nội dung"][1:]

    assert len(rows) == 9
    assert sum(int(row[4]) for row in rows) == sum(line.is_airing and not line.own for line in figures.log)


def test_word_and_excel_say_the_same_of_every_commune(made: ReportPaths) -> None:
    head, *word = word_tables(made.docx)["Xã, phường, đặc khu"]
    excel = rows_of(sheet_of(made.xlsx, "Theo xã"))

    for word_row, excel_row in zip(word, excel, strict=True):
        for title in ("Số đài", "Phải phát", *STATES):
            assert word_row[head.index(title)] == str(excel_row[title])


def test_the_log_sheet_is_the_airing_log_line_by_line(made: ReportPaths, busy: World) -> None:
    with busy.database.reading() as session:
        log = queries.entries(session)
        expected = [(entry.seq, entry.hash) for entry in log]

    rows = rows_of(sheet_of(made.xlsx, "Nhật ký phát thanh"))

    assert [(row["Số dòng"], row["Mã băm"]) for row in rows] == expected


def test_the_states_of_all_weeks_add_up_to_the_table_of_communes(made: ReportPaths) -> None:
    weeks = rows_of(sheet_of(made.xlsx, "Từng tuần"))
    *communes, total = rows_of(sheet_of(made.xlsx, "Theo xã"))
    cells = [cell for row in weeks for title, cell in row.items() if title.startswith("Tuần")]

    assert cells.count("Đã phát") == total["Đúng tuần"] == sum(int(str(row["Đúng tuần"])) for row in communes)
    for state in STATES[1:]:
        assert cells.count(state) == total[state]


def test_times_in_excel_are_real_dates_by_the_clock_of_viet_nam(made: ReportPaths) -> None:
    first = rows_of(sheet_of(made.xlsx, "Nhật ký phát thanh"))[0]

    assert first["Phát lúc"] == datetime(2025, 12, 9, 17, 0)
    assert first["Báo lúc"] == datetime(2025, 12, 9, 17, 30)


def test_what_people_typed_never_becomes_a_formula_or_a_link(made: ReportPaths) -> None:
    sheet = sheet_of(made.xlsx, "Nhật ký phát thanh")
    cells = [cell for row in sheet.iter_rows() for cell in row]

    assert HOSTILE in [cell.value for cell in cells] and "@SUM(1+1)" in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert not any(cell.hyperlink for cell in cells)


def test_sheets_are_ready_to_filter_and_to_print(made: ReportPaths) -> None:
    book = load_workbook(made.xlsx)

    assert book.sheetnames == ["Tổng hợp", "Theo xã", "Nhật ký phát thanh", "Từng tuần"]
    for name in book.sheetnames[1:]:
        sheet = book[name]
        assert sheet.freeze_panes and sheet.auto_filter.ref
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0


def test_the_same_figures_give_the_same_files(figures: Figures, made: ReportPaths, tmp_path: Path) -> None:
    again = write_figures(figures, tmp_path)

    assert again.docx.read_bytes() == made.docx.read_bytes()
    assert again.xlsx.read_bytes() == made.xlsx.read_bytes()


def test_file_names_are_ascii_and_tell_area_and_dates() -> None:
    assert file_stem(Scope.parse("68"), HALF_YEAR) == "bao-cao-6-thang-68-2025-12-05_2026-06-04"
    assert file_stem(Scope.parse("68/Tỉnh Đắk Nông"), HALF_YEAR).startswith(
        "bao-cao-6-thang-68-tinh-dak-nong-"
    )


def test_the_officer_gets_one_weeks_table_and_log(busy: World, tmp_path: Path) -> None:
    with busy.database.reading() as session:
        lines = queries.duty_lines(session, NOW, period=str(FIRST), scope=busy.scope)
        log = report_reads.log_lines(session, [line.duty_id for line in lines])

    week_path, log_path = tmp_path / "tuan.xlsx", tmp_path / "nhat-ky.xlsx"
    week_path.write_bytes(as_xlsx(week_view(lines, FIRST, "Cư Jút"), NOW))
    log_path.write_bytes(as_xlsx(log_view(log, "nhat-ky", "Nhật ký tuần 50"), NOW))

    week = rows_of(sheet_of(week_path, "Tuần 50"))
    assert [row["Trạng thái"] for row in week][:3] == ["Đã phát", "Phát bù", "Được miễn"]
    assert len(rows_of(sheet_of(log_path, "Nhật ký phát thanh"))) == len(log) == 7


def test_a_commune_reports_under_its_own_committee(busy: World, tmp_path: Path) -> None:
    with busy.database.reading() as session:
        code = queries.duty_lines(session, NOW, scope=busy.scope)[0].area_code
        paths = write_figures(gather(session, Scope.parse(code), HALF_YEAR, NOW), tmp_path)

    frame = "\n".join(cell.text for row in Document(str(paths.docx)).tables[0].rows for cell in row.cells)
    assert "ỦY BAN NHÂN DÂN" in frame and "BC-UBND" in frame and "UBND TỈNH" not in frame


def test_a_year_of_another_campaign_week_is_not_mixed_in(busy: World, tmp_path: Path) -> None:
    with busy.database.reading() as session:
        before = gather(session, busy.scope, six_months_ending(Week.parse("2025-W49").sunday), NOW)

    assert before.totals.total == 0
