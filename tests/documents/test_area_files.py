"""Lists of changed communes: what spreadsheets do to them, and a list as long as a province's."""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest
from docx import Document
from sqlalchemy import func, select

from airlog import area_changes, area_reads, areas, people
from airlog.area_lists import HEADER, MOST_ROWS, SAMPLE, parse_day, read_rows
from airlog.area_orders import BadChange, Order
from airlog.db import Database, Session
from airlog.models import Area, AreaChange, AreaStep, Station
from airlog.scope import Scope
from airlog.types import AreaChangeKind
from reports.figures import gather
from reports.lexicon_xlsx import BadWorkbook, text_rows
from reports.period import ReportPeriod
from reports.write import write_figures
from tests.conftest import Stores
from tests.page_world import ADMIN, World, build_world, fill, person_of

HEAD = list(HEADER)


@pytest.fixture
def world(stores: Stores, store_kind: str, tmp_path: Path) -> Iterator[World]:
    found = build_world(stores.filled(store_kind, fill), tmp_path)
    yield found
    found.db.close()


def row(**cells: str) -> list[str]:
    usual = {"loai": "gộp", "ngay_hieu_luc": "01/07/2027", "so_van_ban": "NQ 1"}
    return [(usual | cells).get(name, "") for name in HEADER]


def errors_of(*rows: list[str]) -> str:
    with pytest.raises(BadChange) as refused:
        read_rows([HEAD, *rows])
    return " ".join(refused.value.errors)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"loai": "bán", "ma_cu": "24646"}, "Dòng 2, cột loai: “bán”"),
        ({"ma_cu": "", "ma_moi": "24990"}, "Dòng 2, cột ma_cu"),
        ({"ma_cu": "24646"}, "Dòng 2, cột ma_moi"),
        ({"ma_cu": "24646", "ma_moi": "24990", "ngay_hieu_luc": "32/1/2027"}, "Dòng 2, cột ngay_hieu_luc"),
        ({"ma_cu": "24646", "ma_moi": "24990", "ngay_van_ban": "?"}, "Dòng 2, cột ngay_van_ban"),
        ({"ma_cu": "24646", "ma_moi": "24990", "dai": "bán"}, "Dòng 2, cột dai"),
    ],
)
def test_a_bad_cell_is_named_by_line_and_column(cells: dict[str, str], said: str) -> None:
    assert said in errors_of(row(**cells))


def test_rows_of_one_merge_must_agree() -> None:
    said = errors_of(
        row(ma_cu="24646", ma_moi="24990", ten_moi="Xã A"),
        row(ma_cu="24678", ma_moi="24990", ten_moi="Xã B", so_van_ban="NQ 2"),
    )

    assert "Dòng 3, cột ten_moi: khác với dòng 2" in said and "cột so_van_ban" in said


def test_a_list_that_is_too_long_or_empty_is_refused() -> None:
    assert "dài hơn" in errors_of(*[row(ma_cu="24646", ma_moi="24990")] * (MOST_ROWS + 1))
    assert "không có dòng nào" in errors_of([""] * len(HEAD))
    with pytest.raises(BadChange, match="thiếu cột"):
        read_rows([])


def test_headers_may_be_written_with_accents_and_spaces() -> None:
    titles = ["Loại", "Mã cũ", "Mã mới", "Tên mới", "Ngày hiệu lực", "Số văn bản"]

    (order,) = read_rows([titles, ["Đổi tên", "24646", "", "phường  Đắk Wil", "1.7.2027", "NQ 1"]])

    assert (order.kind, order.on, order.news[0].name) == (
        AreaChangeKind.RENAME, date(2027, 7, 1), "Phường Đắk Wil",
    )  # fmt: skip


def test_the_sample_is_a_list_that_can_be_read() -> None:
    merge, rename = read_rows([HEAD, *[list(line) for line in SAMPLE]])

    assert merge.olds == ("24646", "24678") and rename.kind is AreaChangeKind.RENAME


@pytest.mark.parametrize("text", ["1/7/2027", "01-07-2027", "2027-07-01", "2027-07-01 00:00:00", "1.7.2027"])
def test_a_day_is_understood_as_people_and_spreadsheets_write_it(text: str) -> None:
    assert parse_day(text) == date(2027, 7, 1)


@pytest.mark.parametrize("text", ["", "7/2027", "32/7/2027", "1/7/27", "00/00/0000", "٣/7/2027x"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert parse_day(text) is None


def test_a_workbook_keeps_the_zeros_that_a_spreadsheet_eats() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEAD)
    sheet.append(["gộp", 4, 70.0, "Xã Hồng Hà", 1, "", date(2027, 7, 1), "NQ 1", None, "giữ"])
    out = io.BytesIO()
    book.save(out)

    (order,) = read_rows(text_rows(out.getvalue(), ""))

    assert (order.olds, order.news[0].code, order.news[0].province) == (("00004",), "00070", "01")
    assert order.on == date(2027, 7, 1)


def test_a_file_that_only_calls_itself_a_workbook_is_refused() -> None:
    with pytest.raises(BadWorkbook):
        text_rows(b"PK\x03\x04nothing", "")


def test_a_province_of_124_communes_merges_from_one_list(world: World) -> None:
    """All communes of Lâm Đồng merge two by two, with 28 stations among them: 124 rows, one transaction."""
    now = world.clock.now()
    codes = world.ask(
        lambda s: list(s.scalars(select(Area.code).where(Area.parent_code == "68").order_by(Area.code)))
    )
    pairs = [codes[at : at + 2] for at in range(0, len(codes), 2)]
    rows = [
        row(ma_cu=old, ma_moi=f"9{number:04}", ten_moi=f"Xã Mới {number}", ngay_hieu_luc="01/11/2026")
        for number, pair in enumerate(pairs)
        for old in pair
    ]
    orders = read_rows([HEAD, *rows])

    began = time.process_time()
    made = world.ask(lambda s: _enter(s, orders, now))
    took_s = time.process_time() - began

    assert (len(rows), len(made)) == (124, 62) and all(change.enacted_at for change in made)
    living = select(func.count()).where(Area.parent_code == "68", Area.valid_to.is_(None))
    assert world.ask(lambda s: s.scalar(living)) == 62
    lost = select(Station.id).join(Area, Station.area_code == Area.code).where(Area.valid_to.is_not(None))
    assert world.ask(lambda s: s.scalar(lost.limit(1))) is None
    assert world.ask(lambda s: s.scalar(select(func.count()).select_from(AreaStep))) == 124
    print(f"\n124 rows, look and confirmation: {took_s:.2f} s of work")


def test_both_documents_say_that_communes_changed(world: World, tmp_path: Path) -> None:
    order = row(ma_cu="24646", ma_moi="24990", ten_moi="Xã Đắk Mới", ngay_hieu_luc="20/11/2026")
    orders = read_rows([HEAD, order, row(ma_cu="24678", ma_moi="24990", ten_moi="Xã Đắk Mới",
                                         ngay_hieu_luc="20/11/2026")])  # fmt: skip
    world.ask(lambda s: _enter(s, orders, world.clock.now()))
    period = ReportPeriod(date(2026, 11, 1), date(2026, 11, 16))
    figures = world.ask(lambda s: gather(s, Scope.parse("68"), period, world.clock.now()))

    written = write_figures(figures, tmp_path)

    said = "Xã Đắk Wil và xã Đắk Sắk gộp thành xã Đắk Mới (NQ 1); kỳ này vẫn ghi theo đơn vị cũ"
    assert any(said in paragraph.text for paragraph in Document(str(written.docx)).paragraphs)
    cells = openpyxl.load_workbook(written.xlsx)["Tổng hợp"]["A"]
    assert any(said in str(cell.value) for cell in cells)


def test_the_reform_of_july_2025_in_lam_dong_arrives_at_the_communes_of_today(
    bare_store: Database,
) -> None:
    """329 communes of three provinces (brought under one code before) become 124: the real list."""
    now = datetime(2025, 7, 1, 1, tzinfo=UTC)
    before, today = _before_july_2025(), _today()
    with bare_store.session() as session:
        _old_communes(session, before, now)
    orders = read_rows([HEAD, *_reform(before, today)])

    began = time.process_time()
    with bare_store.session() as session:
        made = _enter(session, orders, now)
    took_s = time.process_time() - began

    with bare_store.reading() as session:
        living = select(Area.code, Area.name).where(Area.parent_code == "68", Area.valid_to.is_(None))
        assert dict(session.execute(living).all()) == today
        there = select(func.count(Station.id)).where(Station.area_code.in_(list(today)))
        assert session.scalar(there) == len(before) == 329
        assert {tuple(line.olds) for line in area_reads.changes_of(session, "24646")} == {
            tuple((code, name) for code, name, new in before if new == "24646")
        }
    print(f"\n{len(before)} communes into {len(made)}, look and confirmation: {took_s:.2f} s of work")


def _before_july_2025() -> list[tuple[str, str, str]]:
    """Code and name of each commune, and the code of the one that took over most of it."""
    path = Path(__file__).parents[1] / "data" / "communes-before-july-2025-lam-dong.csv"
    with path.open(encoding="utf-8") as lines:
        return [(one["ma_cu"], one["ten_cu"], one["ma_moi"]) for one in csv.DictReader(lines)]


def _today() -> dict[str, str]:
    """Names of the communes of Lâm Đồng by code, from the package's own list."""
    text = (files("airlog") / "communes-2026.csv").read_text(encoding="utf-8")
    return {
        one["code"]: one["name"] for one in csv.DictReader(text.splitlines()) if one["province_code"] == "68"
    }


def _old_communes(session: Session, before: list[tuple[str, str, str]], now: datetime) -> None:
    session.add(Area(code="68", name="Tỉnh Lâm Đồng", kind="province", search_key="lam dong",
                     valid_from=date(2004, 1, 1)))  # fmt: skip
    session.flush()
    for code, name, _ in before:
        session.add(Area(code=code, name=name, kind="xã", parent_code="68", search_key=areas.search_key(name),
                         valid_from=date(2004, 1, 1)))  # fmt: skip
    session.flush()
    areas.load_stations(session, "68", date(2025, 6, 1))
    admin = f"ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai\nĐỗ Quang Minh,{ADMIN},admin,68,\n"
    people.import_people(session, admin.encode(), now)


def _reform(before: list[tuple[str, str, str]], today: dict[str, str]) -> list[list[str]]:
    parts = Counter(new for _, _, new in before)
    return [
        row(
            loai="gộp" if parts[new] > 1 else "đổi tên", ma_cu=old, ma_moi=new, ten_moi=today[new],
            ngay_hieu_luc="01/07/2025", so_van_ban="1671/NQ-UBTVQH15",
        )
        for old, name, new in before
        if parts[new] > 1 or name != today[new]
    ]  # fmt: skip


def _enter(session: Session, orders: tuple[Order, ...], now: datetime) -> list[AreaChange]:
    person = person_of(session, ADMIN)
    seen = area_changes.preview(session, person, orders, now).seen
    return area_changes.confirm(session, person, orders, "dai", seen, now)
