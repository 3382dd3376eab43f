"""A wrong item is recalled in the middle of its broadcast, through refusals and kills: no old clip leaves afterwards.

    python -m benchmarks.recall_midway                                         (SQLite, one process: about 6 minutes)
    python -m benchmarks.recall_midway --database postgres --processes 3

The pace is set above the limit of the service (33 a second against 30), so that it refuses now and then. When a third
of the recipients have the item, one process is killed, two people recall the item with another in its place, the
process starts again, and is killed once more in the middle of the notices.

Goals (issue 3): no old item claimed after the recall was confirmed, none accepted later than a request can have been on
its way; everybody gets the new item once; everybody who has the old one gets the notice, or is in doubt.
"""

from __future__ import annotations

import argparse
import secrets
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from airlog import campaigns, items, recalls, tracks
from airlog.db import Session
from airlog.models import Delivery, Grant, ItemVersion, Person, Recall
from airlog.scope import COUNTRY
from airlog.types import DeliveryState, RoleKind, Rung
from audio.clip import Clip
from benchmarks import rig
from content.week import Week

PACE_MS = 30.0
OLD_CAPTION, NEW_CAPTION = "Tin tuần", "Tin thay thế"
_GONE_BY = (DeliveryState.SENT, DeliveryState.UNKNOWN)


@dataclass(frozen=True)
class Plot:
    """What is ready before the recall: who asks, who confirms, and the words that come instead."""

    asker: int
    confirmer: int
    replacement: int


def prepared(store: rig.Store) -> Plot:
    """Two people with the right to recall, and a cleared, sounding replacement."""
    now = datetime.now(UTC)
    with store.db.session() as session:
        people = [_person(session, role, now) for role in (RoleKind.EDITOR, RoleKind.APPROVER)]
        rundown = campaigns.launched_rundowns(session, Week.of(now))[0]
        item = rundown.version.item
        items.rewrite(
            session, people[0], item, item.latest.script + "\n\nSố điện thoại đúng là 1900 0001.", now
        )
        version = items.clear(session, item, people[1], now)
        path = store.folder / "thay-the.mp3"
        path.write_bytes(secrets.token_bytes(rig.CLIP_BYTES))
        clip = Clip(
            path, secrets.token_hex(32), 180_000, -14.0, -1.0, rig.CLIP_BYTES, "recording", "x", draft=False
        )
        tracks.keep(session, version.id, tracks.purpose_of(session, rundown), clip, now)
        return Plot(people[0].id, people[1].id, version.id)


def _person(session: Session, role: RoleKind, now: datetime) -> Person:
    number = 1_000_000 + len(
        role
    )  # the crowd's rows were given their numbers: a server does not know of them
    person = Person(id=number, name=f"Người {role}", phone=f"+8491{number:07d}", created_at=now)
    person.grants.append(Grant(role=role, scope=COUNTRY, valid_from=now))
    session.add(person)
    session.flush()
    return person


def recall(store: rig.Store, plot: Plot) -> tuple[datetime, float]:
    """Both acts; the instant on record, and the machine's monotonic clock when they were committed."""
    now = datetime.now(UTC)
    with store.db.session() as session:
        rundown = campaigns.launched_rundowns(session, Week.of(now))[0]
        replacement = session.get_one(ItemVersion, plot.replacement)
        asker, confirmer = (session.get_one(Person, number) for number in (plot.asker, plot.confirmer))
        asked = recalls.ask(session, asker, rundown, "Số điện thoại trong tin bị sai", replacement, now)
        recalls.confirm(session, confirmer, asked, datetime.now(UTC))
    return datetime.now(UTC), time.monotonic()


def run(store: rig.Store, recipients: int, processes: int) -> None:
    rig.fill(store, recipients)
    plot = prepared(store)
    with rig.server() as server, rig.Rig(store, server, PACE_MS) as running:
        alive = {name: running.start(name) for name in (f"node-{n + 1}" for n in range(processes))}

        def killed_and_started() -> None:
            alive["node-1"].kill()
            running.programs.remove(alive["node-1"])

        running.until(lambda: running.items() >= recipients // 3, 60 + recipients, 0.02)
        killed_and_started()
        at, at_s = recall(store, plot)
        alive["node-1"] = running.start("node-1")
        running.until(lambda: running.items() >= recipients // 2, 60 + recipients, 0.02)
        killed_and_started()
        alive["node-1"] = running.start("node-1")
        running.until(lambda: settled(store, recipients, plot), 120 + recipients / 5, 1)
        stats, accepted = server.page("/stats"), server.page("/items")
        for program in alive.values():
            program.stop()
    show(store, plot, at, at_s, recipients, stats["refused_429"], accepted)


def settled(store: rig.Store, recipients: int, plot: Plot) -> bool:
    return store.open_rows() == 0 and of_version(store, plot.replacement, *_GONE_BY) >= recipients


def of_version(store: rig.Store, version_id: int, *states: DeliveryState, new: bool = True) -> int:
    """Items in a state that were claimed with the new words, or with others."""
    mine = Delivery.item_version_id == version_id if new else Delivery.item_version_id != version_id
    query = select(func.count()).where(Delivery.rung == Rung.ITEM, Delivery.state.in_(states), mine)
    with store.db.reading() as session:
        return session.scalar(query) or 0


def show(
    store: rig.Store,
    plot: Plot,
    at: datetime,
    at_s: float,
    recipients: int,
    refused: int,
    accepted: list[tuple[int, float, str]],
) -> None:
    old = [(chat, when) for chat, when, caption in accepted if not caption.startswith(NEW_CAPTION)]
    new = [chat for chat, _, caption in accepted if caption.startswith(NEW_CAPTION)]
    with store.db.reading() as session:
        late = select(func.count()).where(
            Delivery.rung == Rung.ITEM, Delivery.item_version_id != plot.replacement, Delivery.claimed_at > at
        )
        claimed_late = session.scalar(late)
        confirmed = session.scalar(select(Recall.confirmed_at))
        told = select(func.count()).where(Delivery.rung == Rung.RECALL, Delivery.state.in_(_GONE_BY))
        notices = session.scalar(told)
    have_old = of_version(store, plot.replacement, *_GONE_BY, new=False)
    after_ms = max(((when - at_s) * 1000 for _, when in old), default=0.0)
    rig.table(
        ("recipients", "refused 429", "had the old", "old claimed after", "last old, ms after", "notices", "new", "new twice", "new in doubt"),
        [(recipients, refused, have_old, claimed_late, max(after_ms, 0.0), notices, len(set(new)), len(new) - len(set(new)),
          of_version(store, plot.replacement, DeliveryState.UNKNOWN))],
    )  # fmt: skip
    print(
        f"recall confirmed at {confirmed}; old items accepted twice: {len(old) - len({chat for chat, _ in old})}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--recipients", type=int, default=3321)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--database-url", help="a PostgreSQL server; else a throw-away one is started")
    options = parser.parse_args()
    with ExitStack() as stack:
        wants_server = options.database == "postgres" or options.database_url
        url = stack.enter_context(rig.postgres_server(options.database_url)) if wants_server else None
        if options.processes > 1 and not url:
            parser.error("several processes need PostgreSQL")
        run(stack.enter_context(rig.store(url)), options.recipients, options.processes)


if __name__ == "__main__":
    main()
