"""Questions at each station's own hour against reminders at fixed hours: half a year of both, with the same people.

    python -m benchmarks.ask_when                      (26 weeks, 60 stations: some minutes)
    python -m benchmarks.ask_when --weeks 6 --stations 18

The program is the real one (tick, plan, dispatch, conversation, a SQLite store), its clock driven by hand; the people are
those of tests/ask_play.py. Two thirds of the stations have their right hours on record, some of them for every day of the
week although the item is aired on one; every sixth has wrong hours, every sixth none.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from airlog.db import Database
from scheduler.ladder import Ladder
from tests.ask_play import Figures, Member, Play, cast


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--weeks", type=int, default=26)
    parser.add_argument("--stations", type=int, default=60)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    members, began = cast(asked.stations), time.monotonic()
    fixed = played(members, replace(Ladder(), ask_after=None), asked.weeks)
    own = played(members, Ladder(), asked.weeks)
    print(f"{asked.stations} stations, {asked.weeks} weeks, {time.monotonic() - began:.0f} s\n")
    show(fixed, own)


def played(members: Sequence[Member], ladder: Ladder, weeks: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="loaxa-ask-") as folder:
        url = f"sqlite:///{Path(folder) / 'loaxa.db'}"
        db = Database(url)
        db.migrate()
        db.close()
        return asyncio.run(Play(url, Path(folder), members, ladder).run(weeks))


def show(fixed: Figures, own: Figures) -> None:
    rows: list[tuple[str, float, float]] = [
        ("questions and reminders", fixed.messages, own.messages),
        ("confirmations", fixed.confirmations, own.confirmations),
        ("of airings, %", 100 * fixed.confirmations / fixed.airings, 100 * own.confirmations / own.airings),
        ("messages per confirmation", fixed.per_confirmation, own.per_confirmation),
        ("mean error of stated time, min", fixed.mean_error_min, own.mean_error_min),
        ("median error, min", fixed.median_error_min, own.median_error_min),
        ("most to a person in a week", max(fixed.person_weeks), max(own.person_weeks)),
    ]
    print(f"{'':32}{'fixed hours':>14}{'own hour':>12}{'ratio':>8}")
    for name, one, other in rows:
        print(f"{name:32}{one:>14.2f}{other:>12.2f}{other / one:>8.2f}")


if __name__ == "__main__":
    main()
