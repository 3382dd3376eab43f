"""The pages as one ASGI application."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from web import (
    areas,
    auth,
    campaigns,
    deliveries,
    doors,
    health,
    hearing,
    items,
    ledger,
    ledger_acts,
    lexicon,
    media,
    officer,
    people,
    recalls,
    recordings,
    reporting,
    reviews,
    station_sound,
    stations,
    troubles,
    zalo,
    zalo_link,
)
from web.parts import Parts
from web.safety import OwnFormsOnly, SafeHeaders, SmallBodies

MOST_REQUEST_BYTES = 26_000_000
"""Above any single file we take, so that a file's own limit speaks first, in better words."""


def create_app(parts: Parts) -> FastAPI:
    """Build the application; it starts nothing and opens nothing."""
    app = FastAPI(title="Loa Xã", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.parts = parts
    app.add_middleware(SmallBodies, most_bytes=MOST_REQUEST_BYTES)
    app.add_middleware(OwnFormsOnly, base_url=parts.base_url)
    app.add_middleware(SafeHeaders, is_https=parts.is_https)
    app.add_middleware(GZipMiddleware, minimum_size=800, compresslevel=6)
    troubles.install(app)
    pages = (
        doors, auth, officer, ledger, ledger_acts, reviews, stations, station_sound, hearing, items, lexicon, recordings,
        campaigns, deliveries, recalls, people, zalo, zalo_link, areas, reporting, media, health,
    )  # fmt: skip
    # FastAPI makes a router's routes ready when it is first asked (150 ms for all), in this order: what is asked for most, and
    # on the poorest networks, stands first.
    app.mount("/static", StaticFiles(packages=[("web", "static")]), name="static")
    for router in (*parts.extra_routers, *(page.router for page in pages)):
        app.include_router(router)
    return app
