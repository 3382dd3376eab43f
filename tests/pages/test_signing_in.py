"""One-time links, sessions, the three doors: first what must not work."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from airlog import sessions
from airlog.models import Base
from tests.page_world import OFFICER, OPERATOR, Browser, World, sign_in
from web.app import create_app

ELSEWHERE = ("10.1.2.3", 4242)


def link_for(world: World, phone: str) -> str:
    now = world.clock.now()
    person = world.person(phone)
    return "/m/" + world.ask(lambda s: sessions.new_link(s, person, now))


async def test_the_second_use_of_a_link_is_gone(world: World, browser: Browser) -> None:
    link = link_for(world, OFFICER)
    assert (await browser().post(link)).status_code == 303

    again = await browser().post(link)

    assert again.status_code == 410
    assert "đã dùng hoặc đã quá 10 phút" in again.text


async def test_a_link_older_than_ten_minutes_signs_nobody_in(world: World, browser: Browser) -> None:
    link = link_for(world, OFFICER)
    world.clock.at += timedelta(minutes=10)

    answer = await browser().post(link)

    assert answer.status_code == 410
    assert "set-cookie" not in answer.headers


async def test_looking_at_a_link_consumes_nothing(world: World, browser: Browser) -> None:
    """Chats fetch links to show a preview."""
    link = link_for(world, OFFICER)

    looks = [(await browser().get(link)).status_code for _ in range(2)]
    entered = await browser().post(link)

    assert looks == [200, 200]
    assert entered.status_code == 303


async def test_a_made_up_link_is_gone_as_well(browser: Browser) -> None:
    assert (await browser().get("/m/khong-co")).status_code == 410


async def test_a_link_leads_to_the_week_and_the_cookie_is_hidden_from_scripts(
    world: World, browser: Browser
) -> None:
    client = browser()

    entered = await client.post(link_for(world, OFFICER))
    home = await client.get("/")

    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert home.headers["location"] == "/week"


async def test_over_https_the_cookie_is_bound_to_the_host(world: World, browser: Browser) -> None:
    app = create_app(replace(world.parts, base_url="https://loaxa.example.vn"))

    entered = await browser(app=app).post(link_for(world, OFFICER))

    cookie = entered.headers["set-cookie"]
    assert cookie.startswith("__Host-loaxa=") and "Secure" in cookie and "Path=/" in cookie


async def test_after_signing_out_the_old_cookie_opens_nothing(world: World, browser: Browser) -> None:
    client = browser(OFFICER)
    secret = client.cookies["loaxa"]
    await client.post("/logout")

    stolen = browser()
    stolen.cookies.set("loaxa", secret)

    assert (await stolen.get("/week")).headers["location"] == "/login"


async def test_a_session_ends_after_two_weeks(world: World, browser: Browser) -> None:
    client = browser(OFFICER)
    world.clock.at += timedelta(days=14)

    assert (await client.get("/items")).headers["location"] == "/login"


async def test_a_person_who_left_is_signed_out(world: World, browser: Browser) -> None:
    client = browser(OFFICER)
    world.ask(lambda s: setattr(s.merge(world.person(OFFICER)), "left_at", world.clock.now()))

    assert (await client.get("/items")).headers["location"] == "/login"


async def test_the_store_keeps_no_secret_that_could_be_used(world: World) -> None:
    secret = sign_in(world, OFFICER)
    token = link_for(world, OFFICER).removeprefix("/m/")

    kept = world.ask(lambda s: repr([s.execute(select(t)).all() for t in Base.metadata.sorted_tables]))

    assert "Trần Thị Hoa" in kept
    assert secret not in kept and token not in kept


async def test_without_open_doors_a_stranger_is_sent_to_the_login_page(browser: Browser) -> None:
    assert (await browser().get("/")).headers["location"] == "/login"
    assert (await browser().post("/doors/admin")).status_code == 400


async def test_open_doors_stay_closed_for_another_machine(world: World, browser: Browser) -> None:
    app = create_app(replace(world.parts, open_doors=True))

    front = await browser(app=app, at=ELSEWHERE).get("/")
    door = await browser(app=app, at=ELSEWHERE).post("/doors/admin")

    assert front.headers["location"] == "/login"
    assert door.status_code == 400 and "set-cookie" not in door.headers


async def test_open_doors_stay_closed_behind_a_proxy_and_under_a_foreign_name(
    world: World, browser: Browser
) -> None:
    """A proxy makes everybody look local; so does a foreign name pointed at this machine."""
    client = browser(app=create_app(replace(world.parts, open_doors=True)))

    proxied = await client.post("/doors/admin", headers={"X-Forwarded-For": "10.1.2.3"})
    renamed = await client.post("/doors/admin", headers={"Host": "evil.example"})

    assert [proxied.status_code, renamed.status_code] == [400, 400]


async def test_an_open_door_signs_in_the_first_officer(world: World, browser: Browser) -> None:
    client = browser(app=create_app(replace(world.parts, open_doors=True)))

    front = await client.get("/")
    entered = await client.post("/doors/officer")

    assert front.status_code == 200
    assert entered.headers["location"] == "/week"
    assert (await client.get("/week")).status_code == 303


async def test_an_operator_who_signs_in_sees_the_own_station(world: World, browser: Browser) -> None:
    home = await browser(OPERATOR).get("/")

    assert home.headers["location"].startswith("/stations/")
