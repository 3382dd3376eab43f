"""Admins find a commune, see where it comes from, and enter a change only after a look at all it does."""

from __future__ import annotations

import re

import httpx
import pytest
from sqlalchemy import func, select

from airlog.models import Area, AreaChange, Audit
from tests.page_world import ADMIN, FAR_ADMIN, NATIONAL, OFFICER, Browser, World

DAK_WIL, DAK_SAK = "24646", "24678"
FORM = {
    "kind": "merge", "codes": "Dak Wil, 24678", "new_code": "24990", "new_name": "Xã Đắk Mới", "on": "2026-11-24",
    "document": "1671/NQ-UBTVQH15", "document_on": "2026-11-01", "stations": "keep",
}  # fmt: skip


def field(answer: httpx.Response, name: str) -> str:
    """The value of a hidden field, as the browser would send it back."""
    import html

    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text) or re.search(
        rf'<textarea name="{name}" hidden>(.*?)</textarea>', answer.text, re.DOTALL
    )
    assert found is not None, answer.text
    return html.unescape(found[1])


def carried(answer: httpx.Response) -> dict[str, str]:
    return {name: field(answer, name) for name in ("packed", "key", "seen")}


def changes(world: World) -> int:
    return world.ask(lambda s: s.scalar(select(func.count(AreaChange.id)))) or 0


def ended(world: World, code: str) -> bool:
    return world.ask(lambda s: s.get_one(Area, code).valid_to is not None)


@pytest.mark.parametrize("path", ["/areas", "/areas/changes/new", "/areas/import", f"/areas/unit/{DAK_WIL}"])
async def test_the_pages_are_for_admins_and_the_refusal_is_written_down(
    world: World, browser: Browser, path: str
) -> None:
    for phone in (OFFICER, NATIONAL):
        assert (await browser(phone).get(path)).status_code == 403

    assert world.ask(lambda s: s.scalar(select(func.count(Audit.id)).where(~Audit.allowed))) == 2


async def test_an_admin_of_another_province_sees_and_does_nothing_here(
    world: World, browser: Browser
) -> None:
    client = browser(FAR_ADMIN)

    assert (await client.get(f"/areas/unit/{DAK_WIL}")).status_code == 404
    assert "Xã Đắk Wil" not in (await client.get("/areas", params={"q": "dak wil"})).text
    assert (await client.post("/areas/changes", data=FORM | {"codes": "24646,24678"})).status_code == 403


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"codes": ""}, "Chưa đủ đơn vị"),
        ({"codes": "Xã Không Có, 24678"}, "không có đơn vị nào tên"),
        ({"codes": "24646, 99999"}, "không có xã, phường nào mang mã 99999"),
        ({"on": ""}, "Ngày hiệu lực: chưa có ngày"),
        ({"on": "31/02/2027"}, "Ngày hiệu lực: “31/02/2027” không phải ngày"),
        ({"document_on": "tháng 6"}, "Ngày ký: “tháng 6” không phải ngày"),
        ({"document": ""}, "chưa có số văn bản"),
        ({"new_name": "Đắk Mới"}, "bắt đầu bằng Xã, Phường hoặc Đặc khu"),
        ({"new_code": "249"}, "không đúng dạng"),
        ({"kind": "split", "codes": DAK_WIL}, "ít nhất hai đơn vị sau khi chia"),
        ({"kind": "rename", "codes": DAK_WIL, "new_name": ""}, "chưa có tên mới"),
        ({"kind": "move", "codes": DAK_WIL}, "không có gì để chuyển"),
    ],
)
async def test_a_form_that_cannot_be_done_comes_back_filled_in_with_the_reason(
    world: World, browser: Browser, sent: dict[str, str], said: str
) -> None:
    answer = await browser(ADMIN).post("/areas/changes", data=FORM | sent)

    assert answer.status_code == 422 and said in answer.text
    assert (sent.get("document") == "") or "1671/NQ-UBTVQH15" in answer.text
    assert changes(world) == 0


async def test_a_form_of_nonsense_is_no_error_of_ours(browser: Browser) -> None:
    client = browser(ADMIN)
    key = "k" * 16

    assert (await client.post("/areas/changes", data=FORM | {"kind": "eat"})).status_code == 200
    sent = {"packed": "{]", "key": key, "seen": ""}
    assert (await client.post("/areas/changes/confirm", data=sent)).status_code == 422
    assert (await client.post("/areas/changes/confirm", data={"key": key})).status_code == 422
    assert (await client.post("/areas/changes/999/withdraw")).status_code == 400
    assert (await client.get("/areas/unit/68")).status_code == 404


async def test_a_look_tells_all_and_writes_nothing(world: World, browser: Browser) -> None:
    answer = await browser(ADMIN).post("/areas/changes", data=FORM | {"stations": "close"})

    assert answer.status_code == 200 and changes(world) == 0 and not ended(world, DAK_WIL)
    assert "Xã Đắk Wil và xã Đắk Sắk gộp thành xã Đắk Mới" in answer.text
    assert "Phạm Thị Bích, cán bộ truyền thanh: Đài truyền thanh xã Đắk Wil" in answer.text
    assert "Được miễn tuần này" in answer.text and "hạn đến hết Chủ nhật" in answer.text


async def test_confirming_does_it_and_a_second_click_nothing(world: World, browser: Browser) -> None:
    client = browser(ADMIN)
    sent = carried(await client.post("/areas/changes", data=FORM))

    first = await client.post("/areas/changes/confirm", data=sent)
    second = await client.post("/areas/changes/confirm", data=sent)

    assert first.headers["location"] == second.headers["location"] == "/areas?changed=1&ahead=0"
    assert changes(world) == 1 and ended(world, DAK_WIL)
    assert "Đã ghi 1 thay đổi" in (await client.get(first.headers["location"])).text


async def test_what_was_shown_to_be_otherwise_is_shown_again(world: World, browser: Browser) -> None:
    client = browser(ADMIN)
    sent = carried(await client.post("/areas/changes", data=FORM))

    answer = await client.post("/areas/changes/confirm", data=sent | {"seen": "0" * 16})

    assert answer.status_code == 409 and "Số liệu đã đổi" in answer.text and changes(world) == 0


async def test_an_order_by_another_hand_is_checked_again(world: World, browser: Browser) -> None:
    sent = carried(await browser(ADMIN).post("/areas/changes", data=FORM))

    answer = await browser(FAR_ADMIN).post("/areas/changes/confirm", data=sent)

    assert answer.status_code == 403 and changes(world) == 0


async def test_what_lies_ahead_can_be_withdrawn_once(world: World, browser: Browser) -> None:
    client = browser(ADMIN)
    sent = carried(await client.post("/areas/changes", data=FORM | {"on": "2027-07-01"}))
    await client.post("/areas/changes/confirm", data=sent)
    ahead = await client.get("/areas")

    (act,) = re.findall(r'action="(/areas/changes/\d+/withdraw)"', ahead.text)
    first = await client.post(act)
    second = await client.post(act)

    assert "chờ đến 1/7/2027" in ahead.text and not ended(world, DAK_WIL)
    assert (first.status_code, second.status_code) == (303, 400) and "đã được rút" in second.text
    assert "đã rút" in (await client.get("/areas?withdrawn=1")).text


async def test_changes_of_another_province_are_not_listed(browser: Browser) -> None:
    client = browser(ADMIN)
    for sent in (
        FORM,
        FORM | {"codes": "24682, 24664", "new_code": "24994", "new_name": "Xã B", "on": "1/7/2027"},
    ):
        await client.post(
            "/areas/changes/confirm", data=carried(await client.post("/areas/changes", data=sent))
        )

    mine, theirs = await client.get("/areas"), await browser(FAR_ADMIN).get("/areas")

    assert mine.text.count("1671/NQ") == 2 and "1671/NQ" not in theirs.text


async def test_the_history_of_a_unit_leads_from_old_to_new(browser: Browser) -> None:
    client = browser(ADMIN)
    sent = carried(await client.post("/areas/changes", data=FORM))
    await client.post("/areas/changes/confirm", data=sent)

    old = await client.get(f"/areas/unit/{DAK_WIL}")
    new = await client.get("/areas/unit/24990")

    assert "chấm dứt từ 24/11/2026, nay là Xã Đắk Mới" in old.text and "/areas/changes/new" not in old.text
    assert f'href="/areas/unit/{DAK_SAK}"' in new.text and "2 đài" in new.text


async def test_a_unit_without_changes_says_so(browser: Browser) -> None:
    answer = await browser(ADMIN).get(f"/areas/unit/{DAK_WIL}")

    assert "Chưa có thay đổi nào" in answer.text and f"code={DAK_WIL}" in answer.text


@pytest.mark.parametrize("typed", ["đắk wil", "DAK WIL", "24646"])
async def test_search_forgives_accents_and_case(browser: Browser, typed: str) -> None:
    answer = await browser(ADMIN).get("/areas", params={"q": typed})

    assert f"/areas/unit/{DAK_WIL}" in answer.text and f"/areas/unit/{DAK_SAK}" not in answer.text


async def test_a_search_that_finds_nothing_says_what_to_try(browser: Browser) -> None:
    answer = await browser(ADMIN).get("/areas", params={"q": "<b>%_"})

    assert "Không có đơn vị nào khớp với “&lt;b&gt;%_”" in answer.text


async def test_a_split_asks_where_each_station_goes(world: World, browser: Browser) -> None:
    client = browser(ADMIN)
    form = await client.get("/areas/changes/new", params={"kind": "split", "code": DAK_WIL})
    (name,) = re.findall(r'<select name="(home-\d+)">', form.text)
    parts = {"new_code": ["24990", "24994", "", ""], "new_name": ["Xã Đắk Tây", "Xã Đắk Đông", "", ""]}

    look = await client.post(
        "/areas/changes", data=FORM | {"kind": "split", "codes": DAK_WIL, name: "1"} | parts
    )

    assert "Đài truyền thanh xã Đắk Wil: thành điểm của xã Đắk Đông" in look.text
    assert "Đài truyền thanh xã Đắk Tây: lập mới ở xã Đắk Tây" in look.text


async def test_a_mandates_report_shows_the_old_units_with_a_note(browser: Browser) -> None:
    client = browser(ADMIN)
    sent = carried(await client.post("/areas/changes", data=FORM))
    await client.post("/areas/changes/confirm", data=sent)

    answer = await client.get(
        "/reports",
        params={"scope": "68/Tỉnh Đắk Nông", "preset": "own", "first": "2026-11-02", "last": "2026-11-20"},
    )

    assert answer.status_code == 200 and "kỳ này vẫn ghi theo đơn vị cũ" in answer.text


class TestLists:
    HEAD = "loai,ma_cu,ma_moi,ten_moi,ngay_hieu_luc,so_van_ban\n"

    async def test_the_template_is_taken_as_it_is(self, world: World, browser: Browser) -> None:
        client = browser(ADMIN)
        template = await client.get("/areas/template.csv")

        look = await client.post("/areas/import", files={"file": ("mau.csv", template.content)})

        assert template.content.startswith("\ufeffloai,ma_cu".encode())
        assert look.status_code == 200 and "Có 2 thay đổi" in look.text and changes(world) == 0

    async def test_one_bad_row_keeps_the_whole_list_out(self, world: World, browser: Browser) -> None:
        text = self.HEAD + (
            "đổi tên,24646,,Phường Đắk Wil,1/7/2027,NQ 1\n"
            "đổi tên,99999,,Phường Lạ,1/7/2027,NQ 1\n"
            "ăn,24678,,Xã A,hôm nay,NQ 1\n"
        )

        answer = await browser(ADMIN).post("/areas/import", files={"file": ("a.csv", text.encode())})

        assert answer.status_code == 422 and changes(world) == 0
        assert "Dòng 4, cột loai" in answer.text and "Dòng 4, cột ngay_hieu_luc" in answer.text

    async def test_a_list_is_entered_whole(self, world: World, browser: Browser) -> None:
        client = browser(ADMIN)
        text = self.HEAD + "đổi tên,24646,,Phường Đắk Wil,1/11/2026,NQ 1\ngộp,24678,24682,,1/7/2027,NQ 1\n"
        look = await client.post("/areas/import", files={"file": ("a.csv", text.encode())})

        answer = await client.post("/areas/changes/confirm", data=carried(look))

        assert answer.headers["location"] == "/areas?changed=2&ahead=1"
        assert world.ask(lambda s: s.get_one(Area, DAK_WIL).name) == "Phường Đắk Wil"

    @pytest.mark.parametrize(
        ("name", "data", "said"),
        [
            ("a.csv", b"\xff\xfe\x00", "UTF-8"),
            ("a.csv", b"a,b\n1,2\n", "thiếu cột"),
            ("a.csv", HEAD.encode(), "không có dòng nào"),
            ("a.xlsx", b"PK\x03\x04 not a workbook", "Excel"),
            ("a.csv", b"", "thiếu cột"),
        ],
    )
    async def test_a_file_that_is_no_list_is_refused(
        self, browser: Browser, name: str, data: bytes, said: str
    ) -> None:
        answer = await browser(ADMIN).post("/areas/import", files={"file": (name, data)})

        assert answer.status_code == 422 and said in answer.text
