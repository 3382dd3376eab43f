"""Workbooks: the data of a report, one week's table, the airing log. Real numbers and local dates, ready to filter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from airlog.queries import Counts, DutyLine
from airlog.report_reads import LogLine
from content.week import Week
from content.wording import week_vi
from reports.figures import AreaRow, Figures, share
from reports.ledger_xlsx import View
from reports.sheet import Book, Cell, Column
from reports.signs import LOOKS
from reports.titles import report_title
from reports.weeks_table import weeks_table
from reports.words import (
    KINDS,
    VERDICTS,
    as_of_line,
    channel_word,
    official_date,
    period_word,
    reason_word,
    state_word,
)

_STATES = (
    "Phải phát",
    "Đúng tuần",
    "Phát bù",
    "Phát thiếu",
    "Được miễn",
    "Chưa phát được",
    "Chưa trả lời",
    "Đang chờ",
)
COUNTED = (*(Column(title, 9, "number") for title in _STATES), Column("Tỷ lệ đã phát", 10, "share"))
"""The columns of `counted`."""
_AREA = (
    Column("Mã xã", 8), Column("Xã, phường, đặc khu", 26), Column("Khu vực", 22), Column("Số đài", 7, "number"),
)  # fmt: skip
_LOG = (
    Column("Số dòng", 7, "number"), Column("Tuần", 20), Column("Mã xã", 8), Column("Xã, phường, đặc khu", 22),
    Column("Đài", 30), Column("Ghi nhận", 16), Column("Tin bài", 34), Column("Tin của đài", 9),
    Column("Tiếng", 7), Column("Lý do", 16), Column("Ghi chú, đường dẫn", 28), Column("Phát lúc", 16, "moment"),
    Column("Báo lúc", 16, "moment"), Column("Ghi sổ lúc", 16, "moment"), Column("Người báo", 22),
    Column("Kênh", 14), Column("Còn hiệu lực", 9), Column("Thay cho dòng", 9, "number"), Column("Mã băm", 68),
)  # fmt: skip
_WEEK = (
    Column("Mã xã", 8), Column("Xã, phường, đặc khu", 24), Column("Đài", 32), Column("Trạng thái", 16),
    Column("Tin bài", 34), Column("Gửi lúc", 16, "moment"), Column("Phát lúc", 16, "moment"),
    Column("Báo lúc", 16, "moment"), Column("Lý do", 18), Column("Ghi chú", 28), Column("Người báo", 22),
    Column("Kênh", 14), Column("Lãnh đạo xã duyệt", 10),
)  # fmt: skip


def report_xlsx(figures: Figures, path: Path) -> Path:
    """Write the four sheets of a report to `path`, replacing what is there."""
    as_of = as_of_line(figures.as_of)
    book = Book(report_title(figures), figures.as_of)
    book.pairs("Tổng hợp", report_title(figures), _summary(figures), as_of)
    book.table(
        "Theo xã",
        (*_AREA, *COUNTED),
        [_area_row(row) for row in figures.by_commune],
        total=["", "Cộng", "", figures.stations, *counted(figures.totals)],
        fixed_columns=2,
        as_of=as_of,
    )
    log = log_view(figures.log, path.stem, report_title(figures))
    book.table(log.sheet, log.columns, log.rows, fixed_columns=log.fixed_columns, as_of=as_of)
    _weeks_sheet(book, figures, as_of)
    path.write_bytes(book.close())
    return path


def week_view(lines: Sequence[DutyLine], week: Week, place: str) -> View:
    """One week's table as the officer sees it: a row for each duty."""
    rows = [_week_row(line) for line in lines]
    return View(f"tuan-{week}", f"Phát thanh {week_vi(week)}, {place}", _WEEK, rows, f"Tuần {week.number}")


def log_view(lines: Sequence[LogLine], name: str, title: str) -> View:
    """Lines of the airing log, of a week or of any choice."""
    rows = [_log_row(line) for line in lines]
    return View(name, title, _LOG, rows, sheet="Nhật ký phát thanh", fixed_columns=1)


def _summary(figures: Figures) -> list[tuple[str, Cell]]:
    totals = figures.totals
    return [
        ("Phạm vi: " + figures.place, None),
        (f"Từ ngày {official_date(figures.period.starts_on)} đến ngày {official_date(figures.period.last_day)}", None),
        ("Số liệu lúc", figures.as_of),
        *[(f"Chỉ tiêu: {m.name}, theo {m.source}", "") for m in figures.mandates],
        *[(note, "") for note in figures.area_notes],
        ("Kết quả phát thanh", None),
        ("Số xã, phường, đặc khu", len(figures.by_commune)),
        ("Số đài truyền thanh", figures.stations),
        *[(_result_word(column), cell) for column, cell in zip(COUNTED, counted(totals), strict=True)],
        ("Chưa phát được, theo lý do", None),
        *[(reason_word(row.reason) or "Không rõ lý do", row.count) for row in figures.reasons],
        ("Theo tháng (số đã phát, cả phát bù)", None),
        *[(f"Tháng {row.month}/{row.year}, trên {row.counts.total} việc phải phát", row.counts.met) for row in figures.by_month],
        ("Lượt phát theo nội dung tuyên truyền", None),
        *[(row.topic.title, row.coverage.airings) for row in figures.by_topic],
        ("Tin do đài tự làm", figures.own.airings),
        ("Không gắn với tin nào", figures.unnamed_airings),
        ("Cộng số lượt phát", figures.airings),
        ("Lượt phát theo thông điệp", None),
        *[(f"Thông điệp {row.number}: {row.text}", row.coverage.airings) for row in figures.by_message],
        ("Bằng chứng và nhật ký", None),
        ("Số ảnh, ghi âm làm bằng chứng", figures.proofs.files),
        ("Số việc có bằng chứng", figures.proofs.duties),
        ("Số dòng nhật ký", len(figures.log)),
    ]  # fmt: skip


def _result_word(column: Column) -> str:
    if column.kind == "share":
        return "Tỷ lệ đã phát (không tính việc được miễn và đang chờ)"
    return "Việc phải phát" if column.title == "Phải phát" else column.title


def counted(tally: Counts) -> list[Cell]:
    return [
        tally.total, tally.aired, tally.late, tally.part, tally.excused, tally.cannot, tally.silent,
        tally.pending, share(tally),
    ]  # fmt: skip


def _area_row(row: AreaRow) -> list[Cell]:
    return [row.code, row.name, row.cluster, row.stations, *counted(row.counts)]


def _log_row(line: LogLine) -> list[Cell]:
    said = KINDS[line.kind] + (f": {VERDICTS.get(line.verdict, line.verdict)}" if line.verdict else "")
    return [
        line.seq, period_word(line.period), line.area_code, line.area, line.station, said, line.title,
        "có" if line.own else "", line.language, reason_word(line.reason),
        " ".join(part for part in (line.note, line.url) if part), line.aired_at, line.stated_at,
        line.recorded_at, line.person, channel_word(line.channel), "có" if line.stands else "không",
        line.supersedes, line.hash,
    ]  # fmt: skip


def _week_row(line: DutyLine) -> list[Cell]:
    how = line.standing
    return [
        line.area_code, line.area, line.station, state_word(line.sign), line.title, line.sent_at, how.aired_at,
        how.stated_at, reason_word(how.reason), line.note, line.person, channel_word(line.channel),
        "có" if line.cleared_by_leader else "",
    ]  # fmt: skip


def _weeks_sheet(book: Book, figures: Figures, as_of: str) -> None:
    table = weeks_table(figures.lines, [row.code for row in figures.by_commune])
    columns = (Column("Mã xã", 8), Column("Xã, phường, đặc khu", 24), Column("Đài", 30))
    rows = [[row.area_code, row.area, row.station, *["" for _ in row.signs]] for row in table.rows]
    weeks = tuple(Column(period_word(period), 10) for period in table.periods)
    sheet = book.table("Từng tuần", (*columns, *weeks), rows, fixed_columns=2, as_of=as_of)
    looks = {sign: book.tinted(look.tint, look.ink) for sign, look in LOOKS.items()}
    for number, row in enumerate(table.rows, 1):
        for place, sign in enumerate(row.signs, len(columns)):
            if sign is not None:
                book.put(sheet, number, place, state_word(sign), looks[sign])
