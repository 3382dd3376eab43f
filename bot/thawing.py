"""What a restored backup does not know it sent: planned again as the tick would have, and then never sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from airlog import deliveries, freeze
from airlog.db import Session
from airlog.freeze import Frozen, Thawed
from content.week import Week
from scheduler import plan
from scheduler.ladder import Ladder
from scheduler.reminders import plan_reminders


def thaw(
    session: Session,
    gap: Frozen,
    ladder: Ladder,
    channels: Sequence[str],
    now: datetime,
    early: Sequence[Week] = (),
) -> Thawed:
    """Let a frozen store send again.

    Rows that were planned and sent within the gap are not in the backup: without them the next tick would plan, and
    send, the same messages again. So they are planned first, as of the gap's end, and take part in the thaw. `early`: weeks that were sent by hand in the gap, before their hour.
    """
    last_known = freeze.newest_row(session)
    for rundown in freeze.lost_rundowns(session, gap, [str(week) for week in early]):
        week = Week.parse(rundown.week)
        plan.plan_duties(session, week, now)
        within = min(gap.gap_to, week.ends_at - timedelta(seconds=1))
        deliveries.plan(session, plan.plan_items(session, rundown, channels, within))
    # What is planned ahead, a question after a station's own hour, cannot have left in the gap.
    reminders = plan_reminders(session, Week.of(now), ladder, channels, gap.gap_to)
    deliveries.plan(session, [one for one in reminders if one.due_at <= gap.gap_to])
    return freeze.thaw(session, gap, last_known, now)
