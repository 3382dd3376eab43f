"""Makes reports/templates/bao-cao.docx: `python -m reports.make_template [FILE]`.

The sentences of the report stand here and in the file. An office may change the file in Word and have its own used
(`write_report(template=…)`); every name in double braces is a field of reports.docx_view.ReportView.
"""

from __future__ import annotations

import sys
from pathlib import Path

from docx.document import Document as DocxDocument

from reports.word_parts import (
    JUSTIFY,
    LEFT,
    body,
    grid,
    heading,
    line,
    narrow,
    official_page,
    order,
    results_table,
    rule,
)

_LEFT_CM, _RIGHT_CM = 6.9, 9.6
_RESULTS = ("Số đài", "Phải phát", "Đúng tuần", "Phát bù", "Phát thiếu", "Được miễn", "Chưa phát được",
            "Chưa trả lời", "Đang chờ", "Tỷ lệ")  # fmt: skip
_FIELDS = ("stations", "owed", "aired", "late", "part", "excused", "cannot", "silent", "pending", "share")
_WIDTHS = (0.9, 4.0, 1.0, 1.2, 1.15, 1.05, 1.1, 1.1, 1.25, 1.2, 1.1, 1.45)


def make(path: Path) -> Path:
    """Write the template to `path`."""
    document = official_page()
    document.core_properties.title = "{{ bc.title }}"
    document.core_properties.author = "{{ bc.office.in_sentence }}"
    document.core_properties.language, document.core_properties.comments = "vi-VN", ""
    _head(document)
    _grounds(document)
    order(document, "if bc.has_duties")
    _general(document)
    _results(document)
    _contents(document)
    _troubles(document)
    order(document, "else")
    body(document, "Trong kỳ báo cáo, các đài truyền thanh cấp xã thuộc {{ bc.place }} chưa được giao việc phải phát "
                   "nào, nên không có số liệu để tổng hợp. {{ bc.as_of }}.")  # fmt: skip
    order(document, "endif")
    _end(document)
    order(document, "if bc.has_duties")
    _appendices(document)
    order(document, "endif")
    document.save(str(path))
    return path


def _head(document: DocxDocument) -> None:
    table = grid(document, (_LEFT_CM, _RIGHT_CM), rows=2, framed=False)
    narrow(table)
    left, right = table.rows[0].cells
    order(left, "if bc.office.superior")
    line(left, "{{ bc.office.superior }}", size=12)
    order(left, "endif")
    order(left, "for name in bc.office.name")
    line(left, "{{ name }}", size=12, bold=True)
    order(left, "endfor")
    rule(left, 2.4, _LEFT_CM)
    line(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=12, bold=True)
    line(right, "Độc lập - Tự do - Hạnh phúc", size=13, bold=True)
    rule(right, 5.4, _RIGHT_CM)
    left, right = table.rows[1].cells
    line(left, "Số:         /{{ bc.office.symbol }}", size=13, before=6)
    line(right, "{{ bc.office.place }}, {{ bc.day_line }}", size=13, italic=True, before=6)
    line(document, "BÁO CÁO", bold=True, before=18)
    line(document, "Kết quả thông tin, tuyên truyền về chuyển đổi số trên hệ thống", bold=True)
    line(document, "truyền thanh cơ sở {{ bc.period_name }}, {{ bc.place }}", bold=True)
    line(document, "({{ bc.period_dates }})", italic=True)
    rule(document, 4.5, 16.5)
    line(document, "", size=8)


def _grounds(document: DocxDocument) -> None:
    body(document, "Căn cứ Nghị định số 49/2024/NĐ-CP ngày 10 tháng 5 năm 2024 của Chính phủ quy định hoạt động "
                   "thông tin cơ sở;")  # fmt: skip
    order(document, "for mandate in bc.mandates")
    body(document, "Căn cứ {{ mandate.source }} (chỉ tiêu: ít nhất {{ mandate.count }} tin, bài mỗi "
                   "{{ mandate.per }} trên đài truyền thanh cấp xã);")  # fmt: skip
    order(document, "endfor")
    body(document, "Trên cơ sở nhật ký phát thanh của các đài, {{ bc.office.in_sentence }} báo cáo kết quả "
                   "{{ bc.period_name }} ({{ bc.period_dates }}) như sau:")  # fmt: skip


def _general(document: DocxDocument) -> None:
    heading(document, "I. TÌNH HÌNH CHUNG")
    body(document, "1. Phạm vi: {{ bc.total.stations }} đài truyền thanh cấp xã"
                   "{% if not bc.is_commune %} thuộc {{ bc.communes }} xã, phường, đặc khu{% endif %}"
                   " của {{ bc.place }}. Mỗi đài, mỗi kỳ của chỉ tiêu được tính là một việc phải phát.")  # fmt: skip
    body(document, "2. Cách tính: việc phải phát thuộc kỳ báo cáo theo ngày thứ Hai của tuần phát (chỉ tiêu theo "
                   "tháng: theo ngày đầu tháng). Một việc chỉ được tính là đã phát khi cán bộ truyền thanh của đài "
                   "xác nhận; phát trong 07 ngày sau tuần đó được tính là phát bù. Tỷ lệ là số việc đã phát trên số "
                   "việc phải phát, không tính việc được miễn và việc đang chờ. {{ bc.as_of }}.")  # fmt: skip


def _results(document: DocxDocument) -> None:
    heading(document, "II. KẾT QUẢ PHÁT THANH")
    body(document, "1. Kết quả chung: các đài có {{ bc.total.owed }} việc phải phát; đã phát {{ bc.total.met }} việc, "
                   "đạt {{ bc.total.share }}, trong đó {{ bc.total.aired }} việc phát đúng tuần và {{ bc.total.late }} "
                   "việc phát bù. Còn lại: {{ bc.total.part }} việc phát thiếu, {{ bc.total.excused }} việc được miễn, "
                   "{{ bc.total.cannot }} việc chưa phát được (đài đã báo lý do), {{ bc.total.silent }} việc đài chưa "
                   "trả lời và {{ bc.total.pending }} việc đang chờ.")  # fmt: skip
    body(document, "2. Kết quả theo khu vực (kết quả từng xã, phường, đặc khu ở Phụ lục I):", keep=True)
    _result_table(document, "Khu vực (huyện cũ)", "bc.by_cluster")
    body(document, "3. Kết quả theo tháng:", keep=True)
    heads = ("TT", "Tháng", *_RESULTS[1:])
    cells = ("{{ row.number }}", "{{ row.name }}", *["{{ row." + name + " }}" for name in _FIELDS[1:]])
    total = ("", "Cộng", *["{{ bc.total." + name + " }}" for name in _FIELDS[1:]])
    results_table(document, heads, (0.9, 4.0, *[w + 0.1 for w in _WIDTHS[3:]]), "bc.by_month", cells, total)


def _contents(document: DocxDocument) -> None:
    heading(document, "III. NỘI DUNG ĐÃ PHÁT")
    body(document, "1. Các đài đã xác nhận {{ bc.airings }} lượt phát, thuộc {{ bc.topics_covered }} nội dung tuyên "
                   "truyền về chuyển đổi số:", keep=True)  # fmt: skip
    heads = ("TT", "Nội dung", "Số tin", "Số đài", "Lượt phát")
    cells = (
        "{{ row.number }}",
        "{{ row.name }}",
        "{{ row.items }}",
        "{{ row.stations }}",
        "{{ row.airings }}",
    )
    widths = (0.9, 10.5, 1.6, 1.6, 1.9)
    results_table(document, heads, widths, "bc.topics", cells, size=11)
    body(document, "2. Tin do đài tự làm: {{ bc.own.items }} tin của {{ bc.own.stations }} đài, {{ bc.own.airings }} "
                   "lượt phát.{% if bc.unnamed %} Có {{ bc.unnamed_airings }} lượt phát không gắn với tin nào."
                   "{% endif %}")  # fmt: skip
    body(
        document, "3. Đã phát {{ bc.messages_covered }} thông điệp tuyên truyền về chuyển đổi số:", keep=True
    )
    results_table(document, ("TT", "Thông điệp", *heads[2:]), widths, "bc.messages", cells, size=11)
    body(document, "4. Bằng chứng phát: {{ bc.proof_files }} ảnh, đoạn ghi âm hoặc video cho {{ bc.proof_duties }} "
                   "việc đã phát.")  # fmt: skip


def _troubles(document: DocxDocument) -> None:
    heading(document, "IV. KHÓ KHĂN, VƯỚNG MẮC")
    order(document, "if bc.reasons")
    body(document, "Có {{ bc.total.cannot }} việc chưa phát được vì những lý do sau: {{ bc.reasons }}.")
    order(document, "else")
    body(document, "Trong kỳ không có việc nào được báo là chưa phát được.")
    order(document, "endif")


def _end(document: DocxDocument) -> None:
    body(document, "Trên đây là báo cáo kết quả thông tin, tuyên truyền về chuyển đổi số trên hệ thống truyền thanh "
                   "cơ sở {{ bc.period_name }}, {{ bc.place }}./.", keep=True)  # fmt: skip
    table = grid(document, (8.25, 8.25), rows=1, framed=False)
    left, right = table.rows[0].cells
    line(left, "Nơi nhận:", size=12, bold=True, italic=True, align=LEFT, before=6)
    order(left, "for recipient in bc.office.recipients")
    line(left, "- {{ recipient }}", size=11, align=LEFT)
    order(left, "endfor")
    order(right, "for signer in bc.office.signer")
    line(right, "{{ signer }}", bold=True, before=6)
    order(right, "endfor")
    for _ in range(4):
        line(right, "")


def _appendices(document: DocxDocument) -> None:
    line(document, "Phụ lục I", bold=True).paragraph_format.page_break_before = True
    line(document, "KẾT QUẢ THEO XÃ, PHƯỜNG, ĐẶC KHU", bold=True)
    line(document, "({{ bc.period_dates }}, {{ bc.place }})", italic=True, after=6)
    _result_table(document, "Xã, phường, đặc khu", "bc.by_commune")
    line(document, "Nhật ký phát thanh của kỳ báo cáo có {{ bc.log_lines }} dòng, ghi trong tệp Excel kèm theo."
                   "{% if bc.last_hash %} Mã băm dòng cuối: {{ bc.last_hash }}.{% endif %}",
         size=11, align=JUSTIFY)  # fmt: skip
    order(document, "if pictures")
    line(document, "Phụ lục II", bold=True).paragraph_format.page_break_before = True
    line(document, "KẾT QUẢ TỪNG TUẦN", bold=True, after=6)
    order(document, "for picture in pictures")
    line(document, "{{ picture }}")
    order(document, "endfor")
    order(document, "endif")


def _result_table(document: DocxDocument, name: str, loop: str) -> None:
    cells = ("{{ row.number }}", "{{ row.name }}", *["{{ row." + field + " }}" for field in _FIELDS])
    total = ("", "Cộng", *["{{ bc.total." + field + " }}" for field in _FIELDS])
    results_table(document, ("TT", name, *_RESULTS), _WIDTHS, loop, cells, total)


if __name__ == "__main__":
    made = make(
        Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "templates" / "bao-cao.docx"
    )
    print(made)
