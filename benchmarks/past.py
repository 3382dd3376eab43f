"""A past as the program would have left it: weeks planned, sent and answered, written in bulk. What benchmarks share."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from airlog import deliveries, updates
from airlog.db import Session
from airlog.deliveries import Wanted
from airlog.models import Delivery, Duty, IncomingUpdate, LogEntry, Rundown
from airlog.record import GENESIS, line_hash
from airlog.types import DeliveryState, EntryKind, MissedReason
from benchmarks import rig
from content import notice_messages
from content.week import Week
from scheduler import plan

ANSWERED, WITH_TIME = 0.85, 0.5
LINE = [column.key for column in LogEntry.__table__.columns]
DAY = timedelta(days=1)


class Past:
    """Writes weeks into a store as the program would have left them."""

    def __init__(self, session: Session, now: datetime, *, updates: bool = True, why: float = 0.0) -> None:
        """`updates`: with the raw presses of the last days. `why`: the share of the silent that say why not."""
        last = session.execute(
            select(LogEntry.seq, LogEntry.hash).order_by(LogEntry.seq.desc()).limit(1)
        ).first()
        self._session, self._now, self._updates, self._why = session, now, updates, why
        self._seq, self._hash = (last.seq, last.hash) if last else (0, GENESIS)
        self._random, self._message, self._version_id = random.Random(7 + self._seq), self._seq, 0

    def week(self, rundown: Rundown) -> None:
        """Plan it, send it, let people answer."""
        week = Week.parse(rundown.week)
        plan.plan_duties(self._session, week, week.starts_at)
        wanted = plan.plan_items(self._session, rundown, ("telegram",), week.starts_at)
        deliveries.plan(self._session, wanted)
        self._settle(rundown)
        self._version_id = rundown.item_version_id
        owed = self._session.scalars(select(Duty).where(Duty.rundown_id == rundown.id)).unique()
        by_id = {duty.id: duty for duty in owed}
        answers = [one for one in wanted if self._random.random() < ANSWERED]
        lines = [line for one in answers for line in self._lines(one, by_id[one.duty_id or 0])]
        if self._why:
            silent = by_id.keys() - {one.duty_id for one in answers}
            lines += [
                self._line(one, by_id[one.duty_id], EntryKind.NOT_AIRED, by_id[one.duty_id].starts_at + DAY)
                for one in wanted
                if one.duty_id in silent and self._random.random() < self._why
            ]
        self._session.execute(insert(LogEntry), lines)
        if self._updates and week.ends_at > self._now - updates.KEPT:
            self._session.execute(insert(IncomingUpdate), [self._update(one, rundown) for one in answers])

    def _settle(self, rundown: Rundown) -> None:
        at = rundown.send_at + timedelta(seconds=1.5)
        self._session.execute(
            update(Delivery)
            .where(Delivery.period == rundown.week)
            .values(
                state=DeliveryState.SENT, attempts=1, jobs=1, armed=True, claimed_at=at, sent_at=at, settled_at=at,
                message_ref="c:1000000", item_version_id=rundown.item_version_id,
            )
        )  # fmt: skip

    def _lines(self, one: Wanted, duty: Duty) -> list[dict[str, object]]:
        stated = duty.starts_at + timedelta(hours=self._random.uniform(8, 100))
        lines = [self._line(one, duty, EntryKind.AIRED, stated)]
        if self._random.random() < WITH_TIME:
            lines.append(self._line(one, duty, EntryKind.CORRECTED, stated + timedelta(seconds=20)))
        return lines

    def _line(self, one: Wanted, duty: Duty, kind: EntryKind, at: datetime) -> dict[str, object]:
        self._seq, self._message = self._seq + 1, self._message + 1
        entry = LogEntry(
            seq=self._seq, kind=kind, duty_id=duty.id, station_id=duty.station_id, mandate_id=duty.mandate_id,
            period=duty.period, person_id=one.address.person_id, item_version_id=self._version_id, language="vie",
            supersedes=self._seq - 1 if kind is EntryKind.CORRECTED else None, channel="telegram",
            message_ref=f"{700_000_000 + self._message}", aired_at=at if kind is EntryKind.CORRECTED else None,
            reason=MissedReason.NO_POWER if kind is EntryKind.NOT_AIRED else None,
            stated_at=at, recorded_at=at, prev_hash=self._hash,
        )  # fmt: skip
        entry.hash = self._hash = line_hash(entry)
        return {name: getattr(entry, name) for name in LINE}

    def _update(self, one: Wanted, rundown: Rundown) -> dict[str, object]:
        """A press, as Telegram hands it over: with the whole message that carries the button."""
        self._message += 1
        caption = notice_messages.item_notice(
            Week.parse(rundown.week), rundown.version.item.title, 180, None, 0, None
        )
        chat = {
            "id": rig.FIRST_CHAT - 1 + one.address.person_id,
            "type": "private",
            "first_name": "Trần Thị Lan",
        }
        buttons = [{"text": "Đã phát", "callback_data": f"aired:{one.duty_id}", "style": "success"}] * 4
        audio = {
            "file_id": "A" * 72,
            "file_unique_id": "u" * 16,
            "duration": 180,
            "title": "Tuần 48",
            "file_size": 1,
        }
        message = {
            "message_id": self._message, "date": 1, "chat": chat, "caption": caption, "audio": audio,
            "from": {"id": 1, "is_bot": True, "first_name": "Loa Xã", "username": "loaxa_bot"},
            "reply_markup": {"inline_keyboard": [buttons[:2], buttons[2:]]},
        }  # fmt: skip
        query = {
            "id": "4" * 19,
            "from": chat,
            "message": message,
            "chat_instance": "-" + "5" * 19,
            "data": "x",
        }
        body = json.dumps({"update_id": self._message, "callback_query": query}, ensure_ascii=False)
        at = rundown.send_at + timedelta(hours=9)
        return {
            "channel": "telegram", "bot": rig.BOT, "update_id": str(700_000_000 + self._message), "body": body,
            "received_at": at, "handled_at": at, "error": None,
        }  # fmt: skip
