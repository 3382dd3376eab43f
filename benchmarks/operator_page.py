"""The operator's page on a poor phone: bytes before the audio, time until it can be used on slow 3G, axe, pictures.

    python -m benchmarks.operator_page [--out FOLDER] [--state NAME ...]

Chromium with an empty cache, a 360 px window, 400 kbit/s down and up with 400 ms latency ("slow 3G"), and a CPU made
four times slower. Usable: the document and its style are there and nothing blocks the main thread (the end of the last
long task, or of DOMContentLoaded). Bytes are what came over the wire, headers included. States that are reached by
a tap are measured after it: what the answer to the tap costs with the style, script and letters in the cache.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from tests.operator_page_states import STATES, State, in_state
from tests.serving import browsing
from tests.stores import Stores

SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
SLOWER_CPU = 4
_READY = """() => new Promise((done) => {
  let last = performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd;
  new PerformanceObserver((list) => list.getEntries().forEach((one) => { last = Math.max(last, one.startTime + one.duration); }))
    .observe({ type: 'longtask', buffered: true });
  setTimeout(() => done([last, performance.getEntriesByName('first-contentful-paint')[0]?.startTime || 0]), 600);
})"""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--out", type=Path, help="a folder for pictures at 360 px")
    asked.add_argument("--state", nargs="*", help="only these")
    given = asked.parse_args()
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
    chosen = [state for state in STATES if not given.state or state.name in given.state]
    print(f"{'state':<18} {'requests':>8} {'KB':>7} {'painted s':>9} {'usable s':>8} {'axe':>4}")
    with tempfile.TemporaryDirectory() as folder, browsing() as browser:
        stores = Stores(Path(folder))
        for state in chosen:
            place = Path(folder) / state.name
            place.mkdir()
            with in_state(state, stores, place, browser) as (_, context, address):
                print(_measured(state, context, address, given.out))


def _measured(state: State, context: BrowserContext, address: str, out: Path | None) -> str:
    page = context.new_page()
    wire = context.new_cdp_session(page)
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", SLOW_3G)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_CPU})
    page.goto(address)
    page.evaluate("() => document.fonts.ready.then(() => 0)")
    page.wait_for_load_state("networkidle")
    requests, size_bytes = len(sizes), sum(sizes)
    usable_ms, painted_ms = page.evaluate(_READY)
    tapped = state.then is not State("").then
    if tapped:
        sizes.clear()
        # the browser obeys whoever spoke of the network last, and that was us
        wire.send("Network.emulateNetworkConditions", SLOW_3G | {"offline": state.name == "kept-offline"})
        state.then(page)
        page.wait_for_load_state("networkidle")
        requests, size_bytes = len(sizes), sum(sizes)
        usable_ms, painted_ms = page.evaluate(_READY)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    found = Axe().run(page).response["violations"]
    if out:
        _picture(page, out / f"{state.name}.png")
    mark = "*" if tapped else " "
    return (
        f"{state.name + mark:<18} {requests:>8} {size_bytes / 1000:>7.1f} {painted_ms / 1000:>9.2f} "
        f"{usable_ms / 1000:>8.2f} {len(found):>4}"
    )


def _picture(page: Page, path: Path) -> None:
    page.evaluate("() => scrollTo(0, 0)")
    page.screenshot(path=path, full_page=True)


if __name__ == "__main__":
    main()
