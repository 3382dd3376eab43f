"""The map, the line, the filters and the files of the ledger: first what must not work."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

import openpyxl
import pytest
from sqlalchemy import func, select

from airlog import record
from airlog.models import Audit
from airlog.record import Source
from content.week import Week
from reports.ledger_xlsx import View, as_csv
from reports.sheet import Column
from tests.page_world import (
    ADMIN,
    EDITOR,
    FAR_ADMIN,
    NATIONAL,
    OFFICER,
    OPERATOR,
    WEEK,
    Browser,
    World,
    version_in,
)

DAK_SAK, DAK_WIL = "24678", "24646"
LAST = WEEK.shift(-1)


def airs(world: World, area_code: str, title: str | None = None) -> None:
    duty, person, now = world.duty_of(area_code), world.person(OPERATOR), world.clock.now()
    source = Source("simulator", "m1", now)
    world.ask(
        lambda s: record.aired(s, s.merge(person), s.merge(duty), source, now, aired_at=now, own_title=title)
    )


def rows_of(text: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))


@pytest.mark.parametrize("phone", [OPERATOR, EDITOR])
@pytest.mark.parametrize("path", ["/map", "/map.csv", "/trend.xlsx", f"/reviews/{LAST}", f"/week/{WEEK}.csv"])
async def test_the_ledger_is_closed_to_other_roles_and_the_refusal_is_written_down(
    world: World, browser: Browser, phone: str, path: str
) -> None:
    answer = await browser(phone).get(path)

    assert answer.status_code == 403
    assert world.ask(lambda s: s.scalar(select(func.count(Audit.id)).where(~Audit.allowed))) == 1


@pytest.mark.parametrize(
    "path", ["/map", "/map.csv", f"/week/{WEEK}", f"/week/{WEEK}.csv", f"/reviews/{WEEK}"]
)
async def test_another_areas_stations_are_nowhere(browser: Browser, path: str) -> None:
    mine = (await browser(OFFICER).get(path)).text
    asked_for = (await browser(OFFICER).get(path, params={"area": "68"})).text
    named = (await browser(OFFICER).get(path, params={"q": "Đắk Wil"})).text
    far = (await browser(FAR_ADMIN).get(path)).text

    assert all("Xã Đắk Wil" not in text for text in (mine, asked_for, named, far))


@pytest.mark.parametrize(
    "params",
    [
        {"state": "lạ"},
        {"area": "không có"},
        {"language": "; DROP TABLE duty"},
        {"page": "-3"},
        {"page": "99999999999999"},
        {"weeks": "9000"},
        {"by": "người"},
        {"q": "%_'\""},
    ],
)
@pytest.mark.parametrize("path", ["/map", f"/week/{WEEK}", f"/reviews/{LAST}"])
async def test_an_odd_address_is_no_error(browser: Browser, path: str, params: dict[str, str]) -> None:
    assert (await browser(NATIONAL).get(path, params=params)).status_code == 200


@pytest.mark.parametrize("label", ["2026-W60", "2026-13", "hôm nay", "26-11"])
async def test_a_period_that_does_not_exist_is_said_to(browser: Browser, label: str) -> None:
    for path in ("/week", "/reviews"):
        assert (await browser(OFFICER).get(f"{path}/{label}")).status_code == 404
    assert (await browser(OFFICER).get("/map", params={"until": label})).status_code == 404


async def test_the_map_says_in_words_what_it_shows(world: World, browser: Browser) -> None:
    airs(world, DAK_SAK)

    text = (await browser(NATIONAL).get("/map")).text

    row = text[text.index("Xã Đắk Sắk</a>") :].partition("</tr>")[0]
    assert [part.partition("<")[0] for part in row.split('"unseen">')[1:]] == ["chưa trả lời"] * 3 + [
        "đã phát"
    ]
    assert 'title="tuần 48 (23-29/11)"' in text and "Chú giải" in text


async def test_the_map_can_be_gathered_by_cluster_and_province(world: World, browser: Browser) -> None:
    clusters = (await browser(NATIONAL).get("/map", params={"by": "cluster"})).text
    provinces = (await browser(NATIONAL).get("/map", params={"by": "province"})).text

    assert "/map?area=663" in clusters and "%, 0/28 đài đã phát" in provinces


async def test_a_filter_narrows_the_page_its_figures_and_its_files(world: World, browser: Browser) -> None:
    airs(world, DAK_SAK)
    client, cluster = browser(NATIONAL), {"area": "663"}

    page = (await client.get(f"/week/{WEEK}", params=cluster)).text
    table = rows_of((await client.get(f"/week/{WEEK}.csv", params={**cluster, "state": "aired"})).content)
    whole = rows_of((await client.get(f"/week/{WEEK}.csv")).content)

    assert "<strong>1</strong><span>/4 đài đã phát" in page
    assert [row[:2] for row in table[1:]] == [[DAK_SAK, "Xã Đắk Sắk"]]
    assert len(whole) == 29


@pytest.mark.parametrize("name", ["map", "trend", f"week/{WEEK}", f"reviews/{LAST}"])
async def test_each_view_is_a_workbook_and_a_text_with_the_same_rows(browser: Browser, name: str) -> None:
    client = browser(NATIONAL)

    book = (await client.get(f"/{name}.xlsx")).content
    text = (await client.get(f"/{name}.csv")).content

    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    assert text.startswith(b"\xef\xbb\xbf")
    assert [[str(cell.value or "") for cell in row][:2] for row in sheet.iter_rows()] == [
        row[:2] for row in rows_of(text)
    ]


async def test_a_stations_own_weeks_are_files_too(world: World, browser: Browser) -> None:
    path = f"/stations/{world.duty_of(DAK_SAK).station_id}"

    mine = rows_of((await browser(OFFICER).get(f"{path}.csv")).content)
    other = await browser(FAR_ADMIN).get(f"{path}.csv")

    assert len(mine) == 5 and other.status_code == 403


async def test_a_title_that_looks_like_a_formula_stays_words(world: World, browser: Browser) -> None:
    airs(world, DAK_SAK, "=HYPERLINK(1)")

    table = rows_of((await browser(OFFICER).get(f"/week/{WEEK}.csv")).content)

    assert "'=HYPERLINK(1)" in {cell for row in table for cell in row}


@pytest.mark.parametrize("cell", ["=1+1", "+84", "-2", "@x", " =1", "\t=1", "\r=1", "＝1"])
def test_no_cell_of_a_text_table_is_worked_out(cell: str) -> None:
    row: Sequence[str] = [cell]
    data = as_csv(View("x", "x", (Column("a", 1),), [row]))

    assert rows_of(data)[1][0].startswith("'")


async def test_the_line_holds_the_weeks_that_are_over(world: World, browser: Browser) -> None:
    table = rows_of((await browser(NATIONAL).get("/trend.csv")).content)

    assert [row[0][:7] for row in table[1:]] == [f"Tuần {LAST.shift(by).number}" for by in (-2, -1, 0)]
    assert {row[-1] for row in table[1:]} == {"0,0%"}


async def test_the_line_comes_by_itself_and_stands_on_a_page_of_its_own(browser: Browser) -> None:
    client = browser(NATIONAL)

    part = (await client.get("/trend", headers={"HX-Request": "true"})).text
    page = (await client.get("/trend")).text

    assert 'class="trend"' in part and "<html" not in part
    assert "Xu hướng" in page and "28" in page
    assert 'hx-get="/trend?' in (await client.get("/map")).text


async def test_an_open_map_hears_nothing_new_until_somebody_taps(world: World, browser: Browser) -> None:
    client = browser(OFFICER)
    version = version_in((await client.get("/map")).text)

    same = await client.get("/map/fragment", params={"seen": version, "weeks": 26, "until": str(WEEK)})
    airs(world, DAK_SAK)
    other = await client.get("/map/fragment", params={"seen": version, "weeks": 26, "until": str(WEEK)})

    assert (same.status_code, other.status_code) == (204, 200)


async def test_an_open_week_turns_at_the_deadline(world: World, browser: Browser) -> None:
    client = browser(OFFICER)
    version = version_in((await client.get(f"/week/{WEEK}")).text)

    world.clock.at = WEEK.ends_at
    answer = await client.get(f"/week/{WEEK}/fragment", params={"seen": version})

    assert answer.status_code == 200
    assert "hết hạn chưa có xác nhận" in answer.text


async def test_an_excuse_with_an_end_covers_the_weeks_up_to_it(world: World, browser: Browser) -> None:
    duty, client = world.duty_of(DAK_SAK), browser(OFFICER)

    page = (await client.get(f"/stations/{duty.station_id}")).text
    await client.post(
        f"/duty/{duty.id}/excuse",
        data={"reason": "tet", "note": "Nghỉ Tết", "until": str(WEEK.shift(1))},
    )
    after = (await client.get(f"/stations/{duty.station_id}")).text

    assert "Đến hết Chủ nhật 6/12/2026" in page
    assert after.count("Được miễn: Nghỉ Tết") == 2


async def test_an_excuse_is_taken_back_where_it_was_given(world: World, browser: Browser) -> None:
    duty, client = world.duty_of(DAK_SAK), browser(OFFICER)
    await client.post(f"/duty/{duty.id}/excuse", data={"reason": "no_power", "note": "Mất điện"})
    given = (await client.get(f"/stations/{duty.station_id}")).text

    await client.post(f"/duty/{duty.id}/unexcuse")
    await client.post(f"/duty/{duty.id}/unexcuse")
    after = (await client.get(f"/stations/{duty.station_id}")).text

    assert "Bỏ miễn tuần 48" in given and "Bỏ miễn tuần 48" not in after
    assert "Miễn tuần 48" in after
    kinds = world.ask(lambda s: [str(line.kind) for line in record.log_of(s, s.merge(duty))])
    assert kinds == ["excused", "withdrawn"]
    assert world.settled == [duty.id] * 2, "messages are brought up to what was written, and only to that"


async def test_another_areas_officer_takes_no_excuse_back(world: World, browser: Browser) -> None:
    duty = world.duty_of(DAK_SAK)
    await browser(OFFICER).post(f"/duty/{duty.id}/excuse", data={"reason": "no_power", "note": "Mất điện"})

    answer = await browser(FAR_ADMIN).post(f"/duty/{duty.id}/unexcuse")

    assert answer.status_code == 403
    assert world.ask(lambda s: len(record.log_of(s, s.merge(duty)))) == 1


@pytest.mark.parametrize("until", ["2026-W40", "2030-W01", "nay"])
async def test_an_excuse_with_an_odd_end_is_refused(world: World, browser: Browser, until: str) -> None:
    answer = await browser(OFFICER).post(
        f"/duty/{world.duty_of(DAK_SAK).id}/excuse", data={"reason": "tet", "note": "x", "until": until}
    )

    assert answer.status_code in (400, 404)


async def test_older_weeks_of_a_station_are_a_page_further(world: World, browser: Browser) -> None:
    path = f"/stations/{world.duty_of(DAK_SAK).station_id}"

    first, beyond = await browser(OFFICER).get(path), await browser(OFFICER).get(f"{path}?skip=2")

    assert f"Tuần {WEEK.number}" in first.text and "Các tuần mới hơn" in beyond.text
    assert beyond.text.count('id="tuan-') == 2


async def test_a_month_of_a_monthly_mandate_has_its_page(world: World, browser: Browser) -> None:
    answer = await browser(ADMIN).get("/week/2026-11")

    assert answer.status_code == 200
    assert "Tháng 11/2026" in answer.text


async def test_a_week_of_tet_says_so(browser: Browser) -> None:
    answer = await browser(ADMIN).get("/week/2027-W05")

    assert "mùng 1 là ngày 6/2/2027" in answer.text
    assert "Tết" not in (await browser(ADMIN).get(f"/week/{Week.parse('2026-W53')}")).text


async def test_a_map_of_groups_comes_as_a_table_of_groups_and_of_stations(browser: Browser) -> None:
    page = (await browser(OFFICER).get("/map", params={"by": "cluster"})).text
    groups = rows_of((await browser(OFFICER).get("/map.csv", params={"by": "cluster"})).content)
    stations = rows_of((await browser(OFFICER).get("/map.csv", params={"by": "station"})).content)

    assert "by=cluster" in page and "by=station" in page
    assert groups[0][:3] == ["Khu vực cũ", "Tỉnh, thành phố", "Số đài"] and stations[0][0] == "Mã xã"
    assert sum(int(row[2]) for row in groups[1:]) == len(stations) - 1


async def test_the_line_names_its_area_and_can_be_filtered(browser: Browser) -> None:
    page, map_page = [(await browser(OFFICER).get(path)).text for path in ("/trend", "/map")]
    area = re.search(r'<p class="quiet">(.+?)</p>', map_page)

    assert area and area[0] in page
    assert 'action="/trend"' in page


async def test_the_form_of_the_line_keeps_its_last_week_and_offers_only_what_changes_the_line(
    browser: Browser,
) -> None:
    page = (await browser(OFFICER).get("/trend", params={"until": str(LAST), "state": "silent"})).text
    form = re.search(r'<details class="filters".*?</details>', page, re.DOTALL)

    assert form and f'name="until" value="{LAST}"' in form[0]
    assert 'name="state"' not in form[0] and "đang lọc" not in form[0]
