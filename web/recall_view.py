"""What the pages of a recall show, and to whom: read from the record at the moment a page is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from airlog import access, area_rights, campaigns, items, recall_reads, recalls, withdrawn
from airlog.db import Session
from airlog.models import Person, Recall, Rundown
from airlog.recall_reads import Holder, Reach, RecallLine
from airlog.recalls import ASKERS, CONFIRMERS
from airlog.types import CampaignState
from content.week import Week
from web.pages import fingerprint
from web.there import there

MOST_NAMES = 400


@dataclass(frozen=True)
class Banner:
    """A request that waits, or a recall that happened, above a page about its week."""

    line: RecallLine
    waits_for_you: bool
    reached: int
    acknowledged: int


@dataclass(frozen=True)
class WeekItem:
    """What one campaign sends in one week, and whether that can be recalled."""

    rundown_id: int
    campaign: str
    week: Week
    title: str
    may_ask: bool


@dataclass(frozen=True)
class FormPage:
    """What the form shows: the item, what can take its place, and whom a recall would reach."""

    item: WeekItem
    reach: Reach
    choices: tuple[tuple[int, str], ...]
    elsewhere: tuple[WeekItem, ...]


@dataclass(frozen=True)
class RecallPage:
    """`silent` holds only people whose stations the reader looks after; `hidden` counts the others."""

    line: RecallLine
    reach: Reach
    may_confirm: bool
    may_drop: bool
    is_asker: bool
    is_late: bool
    silent: tuple[Holder, ...]
    hidden: int
    elsewhere: tuple[WeekItem, ...]

    @property
    def version(self) -> str:
        """Changes when anything on the page would."""
        return fingerprint(self.line, self.reach, self.may_confirm, self.silent, self.hidden)


def banners(session: Session, person: Person, now: datetime, rundowns: Sequence[Rundown]) -> list[Banner]:
    """Requests and recalls of some weeks that the person may see, newest first."""
    found = []
    for recall in recall_reads.of_rundowns(session, [rundown.id for rundown in rundowns]):
        rundown = session.get_one(Rundown, recall.rundown_id)
        line = recall_reads.line(session, recall)
        if not _may_see(session, person, rundown, now) or (line.is_open and now >= line.week.ends_at):
            continue
        reach = recall_reads.reach(session, rundown, recall.item_version_id, recall)
        waits = line.is_open and _may_confirm(session, person, rundown, recall, now)
        found.append(Banner(line, waits, len(reach.holders), reach.acknowledged))
    return found


def week_banners(session: Session, person: Person, now: datetime, week: Week) -> list[Banner]:
    return banners(session, person, now, recall_reads.running_rundowns(session, week))


def may_ask(session: Session, person: Person, rundown: Rundown, now: datetime) -> bool:
    """Whether to show the button; the act itself asks again."""
    return (
        rundown.campaign.state is not CampaignState.PLANNED
        and now < Week.parse(rundown.week).ends_at
        and recalls.open_request(session, rundown) is None
        and not withdrawn.has_no_item(withdrawn.of_rundown(session, rundown.id))
        and area_rights.covers(session, person, ASKERS, rundown.campaign.scope, now)
    )


def overview_of(
    session: Session, person: Person, now: datetime
) -> tuple[list[RecallLine], list[RecallLine], list[WeekItem]]:
    week = Week.of(now)
    running = [
        *recall_reads.running_rundowns(session, week),
        *recall_reads.running_rundowns(session, week.next()),
    ]
    mine = [rundown for rundown in running if _may_see(session, person, rundown, now)]
    known = [*recall_reads.waiting(session, now), *reversed(recall_reads.recent(session, now))]
    seen = [one for one in known if _may_see(session, person, session.get_one(Rundown, one.rundown_id), now)]
    lines = [recall_reads.line(session, recall) for recall in seen]
    return (
        [line for line in lines if line.is_open],
        [line for line in lines if not line.is_open],
        [_week_item(session, person, rundown, now) for rundown in mine],
    )


def form_page(session: Session, person: Person, now: datetime, rundown_id: int) -> FormPage:
    rundown = rundown_of(session, person, now, rundown_id)
    return FormPage(
        _week_item(session, person, rundown, now),
        recall_reads.reach(session, rundown, rundown.item_version_id),
        tuple(_choices(session, rundown)),
        _elsewhere(session, person, rundown, rundown.item_version_id, now),
    )


def _choices(session: Session, rundown: Rundown) -> list[tuple[int, str]]:
    """What can take the item's place: first the same item as it was corrected, then all others that are cleared."""
    cleared = [version for one in items.all_items(session) if (version := items.cleared_version(one))]
    gone = withdrawn.any_of(session, [version.id for version in cleared]) | {rundown.item_version_id}
    fit = [version for version in cleared if version.id not in gone]
    same = [version for version in fit if version.item_id == rundown.version.item_id]
    return [
        *((version.id, f"{version.item.title} (bản đã sửa, bản {version.number})") for version in same),
        *((version.id, version.item.title) for version in fit if version not in same),
    ]


def recall_page(session: Session, person: Person, now: datetime, recall_id: int) -> RecallPage:
    recall = recall_of(session, person, now, recall_id)
    rundown = session.get_one(Rundown, recall.rundown_id)
    reach = recall_reads.reach(session, rundown, recall.item_version_id, recall)
    mine = {station.id for station in access.stations_of(session, person, now, access.OFFICERS)}
    silent = [one for one in reach.silent if mine & set(one.stations)]
    is_asker = recall.asked_by_id == person.id
    may_confirm = _may_confirm(session, person, rundown, recall, now)
    line = recall_reads.line(session, recall)
    return RecallPage(
        line=line,
        reach=reach,
        may_confirm=line.is_open and may_confirm,
        may_drop=line.is_open and (is_asker or may_confirm),
        is_asker=is_asker,
        is_late=now >= line.week.ends_at,
        silent=tuple(silent[:MOST_NAMES]),
        hidden=len(reach.silent) - len(silent[:MOST_NAMES]),
        elsewhere=_elsewhere(session, person, rundown, recall.item_version_id, now),
    )


def recall_of(session: Session, person: Person, now: datetime, recall_id: int) -> Recall:
    """Raises NotThere and NotAllowed."""
    recall = there(session.get(Recall, recall_id), "Không có yêu cầu thu hồi này. Anh/chị xem lại danh sách.")
    rundown_of(session, person, now, recall.rundown_id)
    return recall


def rundown_of(session: Session, person: Person, now: datetime, rundown_id: int) -> Rundown:
    missing = "Không có tin này trong chiến dịch nào. Anh/chị mở lại trang Chiến dịch."
    rundown = there(session.get(Rundown, rundown_id), missing)
    if not _may_see(session, person, rundown, now):
        area_rights.require_area(session, person, ASKERS, rundown.campaign.scope, "recall.see", now)
    return rundown


def _may_see(session: Session, person: Person, rundown: Rundown, now: datetime) -> bool:
    """Whoever writes, clears or runs items for the whole area, and officers who look after a part of it."""
    if area_rights.covers(session, person, ASKERS, rundown.campaign.scope, now):
        return True
    mine = {s.id for s in access.stations_of(session, person, now, access.OFFICERS)}
    return bool(mine & {s.id for s in campaigns.stations_in(session, rundown.campaign.scope, now)})


def _may_confirm(session: Session, person: Person, rundown: Rundown, recall: Recall, now: datetime) -> bool:
    return (
        recall.asked_by_id != person.id
        and now < Week.parse(rundown.week).ends_at
        and area_rights.covers(session, person, CONFIRMERS, rundown.campaign.scope, now)
    )


def _elsewhere(
    session: Session, person: Person, rundown: Rundown, version_id: int, now: datetime
) -> tuple[WeekItem, ...]:
    others = recall_reads.same_words_elsewhere(session, rundown, version_id, now)
    return tuple(
        _week_item(session, person, other, now) for other in others if _may_see(session, person, other, now)
    )


def _week_item(session: Session, person: Person, rundown: Rundown, now: datetime) -> WeekItem:
    return WeekItem(
        rundown.id,
        rundown.campaign.name,
        Week.parse(rundown.week),
        rundown.version.item.title,
        may_ask(session, person, rundown, now),
    )
