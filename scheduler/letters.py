"""The steps above the operator: the commune leader, the officer, the province; and whom a chat no longer reaches.

Each is one letter to one person about all of their stations, at most one a day: what would be a second letter of the
day waits for the next one, which says it all (docs/adr/0011). Composed when it leaves (compose.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from airlog import access, crew, deliveries, people, queries, reach
from airlog.access import ADMINS, OFFICERS
from airlog.crew import Owed
from airlog.db import Session
from airlog.deliveries import Wanted
from airlog.models import Delivery, Person
from airlog.queries import DutyLine
from airlog.rules import Sign
from airlog.scope import COUNTRY
from airlog.types import RoleKind, Rung
from content.week import LOCAL, Week
from scheduler.ladder import Ladder

LOST_AFTER = timedelta(minutes=10)
"""Gathers the operators whom one broadcast loses."""
LOST_WITHIN = timedelta(days=7)
TELLS_LOST = (Rung.ESCALATION, Rung.DIGEST, Rung.LOST)
"""Letters that also say whom a chat no longer reaches."""
_SILENT = (Sign.SILENT, Sign.PENDING)
_OFFICER = (RoleKind.OFFICER,)
_LEADER = (RoleKind.LEADER,)
_FIRST = (Rung.ESCALATION, Rung.DIGEST, Rung.PROVINCE, Rung.LEADER, Rung.LOST)


def plan_letters(
    session: Session, week: Week, ladder: Ladder, channels: Sequence[str], now: datetime
) -> list[Wanted]:
    """All that leaders, officers and the province are to be told now; one letter a person and day."""
    wanted = _officers(session, week.shift(-1), ladder, channels, now)
    wanted += _officers(session, week, ladder, channels, now)
    wanted += _province(session, week, ladder, channels, now)
    wanted += _leaders(session, week, ladder, channels, now)
    wanted += _lost(session, ladder, channels, now)
    return _one_a_day(session, wanted)


def silent_for(session: Session, row: Delivery, now: datetime) -> list[DutyLine]:
    """What a letter to a leader or the province is about, as it stands now: their stations that have said nothing."""
    roles = _LEADER if row.rung is Rung.LEADER else OFFICERS
    stations = [s.id for s in access.stations_of(session, row.person, now, roles)]
    return _silent(session, row.period, stations, now)


def _leaders(
    session: Session, week: Week, ladder: Ladder, channels: Sequence[str], now: datetime
) -> list[Wanted]:
    """Communes without a leader in our list skip this step."""
    due_at = ladder.after_quiet(now)
    early = now < ladder.leader_at(week, week.starts_at)
    if early or due_at >= week.ends_at or not crew.is_anybody(session, RoleKind.LEADER):
        return []
    ready = _reminded_in_vain(session, week, ladder, now)
    chats = {
        found[0].person_id: found[0]
        for _, found in crew.addresses(session, ready, channels, now, RoleKind.LEADER)
    }
    return [
        Wanted(Rung.LEADER, chat, str(week), due_at, about=f"leader:{person_id}")
        for person_id, chat in chats.items()
    ]


def _reminded_in_vain(session: Session, week: Week, ladder: Ladder, now: datetime) -> list[Owed]:
    """Duties whose people have the item, were asked, and have said nothing since for the grace of this step."""
    owed = crew.of_period(session, str(week))
    silent = {duty.id for duty in owed} - queries.answered(session, [duty.id for duty in owed])
    asked = deliveries.questions(session, str(week))
    first: dict[int, datetime] = {}
    for (duty_id, person_id), got_at in queries.items_got(session, sorted(silent)).items():
        question = asked.get((duty_id, person_id))
        late = [question.sent_at or question.due_at] if question and not question.is_reminder else []
        last_at = max([got_at, *late])
        first[duty_id] = min(last_at, first.get(duty_id, last_at))
    return [duty for duty in owed if duty.id in first and now >= ladder.leader_at(week, first[duty.id])]


def _officers(
    session: Session, week: Week, ladder: Ladder, channels: Sequence[str], now: datetime
) -> list[Wanted]:
    """The escalation to each officer who has a station that needs somebody, and later the digest to all. Who looks after
    the whole province hears on this step only of stations that have no nearer officer."""
    wanted: list[Wanted] = []
    rungs = ladder.officer_rungs(week, now)
    near = _near_stations(session, now) if rungs else set()
    for rung, due_at in rungs:
        for person in access.people_with(session, _OFFICER, now):
            about = f"officer:{person.id}"
            address = people.first_address(person, channels)
            if address is None or deliveries.was_told(session, person, rung, f"-:{about}:{week}:"):
                continue
            mine = _ids(session, person, _OFFICER, now)
            if rung is Rung.ESCALATION and _is_wide(session, person, _OFFICER, now):
                mine = [one for one in mine if one not in near]
            lines = queries.duty_lines(session, now, period=str(week), stations=mine)
            if lines if rung is Rung.DIGEST else any(_needs_somebody(line) for line in lines):
                due = ladder.after_quiet(max(due_at, now))
                if rung is Rung.DIGEST or due < week.ends_at:  # else the digest says it
                    wanted.append(Wanted(rung, address, str(week), due, about=about))
    return wanted


def _province(
    session: Session, week: Week, ladder: Ladder, channels: Sequence[str], now: datetime
) -> list[Wanted]:
    """Whoever looks after the province and did not hear of it as the officer; admins of the province when there is
    nobody else."""
    due_at = ladder.after_quiet(now)
    if now < ladder.province_at(week) or due_at >= week.ends_at:
        return []
    officers = access.people_with(session, _OFFICER, now)
    above = [
        person
        for person in officers
        if _is_wide(session, person, _OFFICER, now)
        and not deliveries.was_told(session, person, Rung.ESCALATION, f"-:officer:{person.id}:{week}:")
    ]
    if not above:
        known = {person.id for person in officers}
        admins = access.people_with(session, ADMINS, now)
        above = [p for p in admins if p.id not in known and _is_wide(session, p, ADMINS, now)]
    wanted = []
    for person in above:
        about, address = f"province:{person.id}", people.first_address(person, channels)
        if address is None or deliveries.was_told(session, person, Rung.PROVINCE, f"-:{about}:{week}:"):
            continue
        if _silent(session, str(week), _ids(session, person, OFFICERS, now), now):
            wanted.append(Wanted(Rung.PROVINCE, address, str(week), due_at, about=about))
    return wanted


def _lost(session: Session, ladder: Ladder, channels: Sequence[str], now: datetime) -> list[Wanted]:
    """Tell each officer which operators a chat no longer reaches, unless a letter of that day will say it."""
    found = []
    for person in access.people_with(session, _OFFICER, now):
        last = deliveries.last_letter(session, person.id, TELLS_LOST)
        since = last.due_at if last else now - LOST_WITHIN
        address = people.first_address(person, channels)
        due_at = ladder.after_quiet(now + LOST_AFTER)
        if address is None or not reach.lost(session, person, since, now):
            continue
        if not _letter_comes(session, person, ladder, _day(due_at), now):
            about = f"{now.astimezone(LOCAL):%m%d}"
            found.append(Wanted(Rung.LOST, address, str(Week.of(now)), due_at, about=about))
    return found


def _letter_comes(session: Session, person: Person, ladder: Ladder, day: date, now: datetime) -> bool:
    """Whether an officer still gets the escalation or the digest on a day, as far as can be known."""
    for week in (Week.on(day), Week.on(day).shift(-1)):
        for rung, moment in ((Rung.ESCALATION, ladder.escalation), (Rung.DIGEST, ladder.digest)):
            at = ladder.after_quiet(moment.of(week))
            if _day(at) != day or at <= now:
                continue
            mine = _ids(session, person, _OFFICER, now)
            lines = queries.duty_lines(session, now, period=str(week), stations=mine)
            if rung is Rung.DIGEST and lines:
                return True
            if rung is Rung.ESCALATION and at < week.ends_at and any(map(_needs_somebody, lines)):
                return True
    return False


def _one_a_day(session: Session, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Of several letters to a person on one day the first in rank; the others are wanted again tomorrow, or have nothing
    to add. A letter that is on its way, or went out, keeps its day."""
    if not wanted:
        return []
    there: defaultdict[tuple[int, date], set[str]] = defaultdict(set)
    since = min(one.due_at for one in wanted) - timedelta(days=1)
    for person_id, due_at, key in deliveries.letters_since(session, since):
        there[person_id, _day(due_at)].add(key)
    kept: list[Wanted] = []
    for one in sorted(wanted, key=lambda one: _FIRST.index(one.rung)):
        keys = there[one.address.person_id, _day(one.due_at)]
        if not keys or one.key in keys:
            keys.add(one.key)
            kept.append(one)
    return kept


def _near_stations(session: Session, now: datetime) -> set[int]:
    """Stations that an officer of less than a province looks after."""
    officers = access.people_with(session, _OFFICER, now)
    near = [person for person in officers if not _is_wide(session, person, _OFFICER, now)]
    return {one for person in near for one in _ids(session, person, _OFFICER, now)}


def _is_wide(session: Session, person: Person, roles: Sequence[RoleKind], now: datetime) -> bool:
    """Whether all that somebody looks after in these roles are provinces, or the country."""
    scopes = [grant.scope for grant in access.grants_of(session, person, now, roles)]
    return bool(scopes) and all(scope == COUNTRY or len(scope) == 2 for scope in scopes)


def _ids(session: Session, person: Person, roles: Sequence[RoleKind], now: datetime) -> list[int]:
    return [station.id for station in access.stations_of(session, person, now, roles)]


def _silent(session: Session, period: str, stations: Sequence[int], now: datetime) -> list[DutyLine]:
    lines = queries.duty_lines(session, now, period=period, stations=stations)
    return [line for line in lines if line.sign in _SILENT]


def _needs_somebody(line: DutyLine) -> bool:
    return line.sign in (*_SILENT, Sign.CANNOT, Sign.PART)


def _day(moment: datetime) -> date:
    return moment.astimezone(LOCAL).date()
