"""People, their roles and their chats: import from a list, invite codes, binding a chat to a person."""

from __future__ import annotations

import csv
import io
import secrets
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import phonenumbers
from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload

from airlog import access
from airlog.airing_times import BadHours, read_days, read_hours, set_hours
from airlog.areas import new_station, search_key
from airlog.db import Refused, insert_new
from airlog.models import Address, Area, Audit, Duty, Grant, Invite, Person, Station
from airlog.scope import BadScope, require_living, require_scope, scope_name
from airlog.types import AddressState, RoleKind
from content.week import LOCAL

HEADER = ("ho_ten", "dien_thoai", "vai_tro", "ma_don_vi", "ten_dai", "ngay_phat", "gio_phat")
"""The first four are needed; days and hours of the station may stand in an operator's row."""
INVITE_LIFE = timedelta(days=30)
MOST_WRONG_CODES = 5
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"

_AT = (  # asked for each update, so built once
    select(Address)
    .where(Address.channel == bindparam("channel"), Address.bot == bindparam("bot"))
    .where(Address.chat_id == bindparam("chat"))
    .options(joinedload(Address.person))
)


class BadList(ValueError):
    """A list of people that was refused as a whole; `errors` name each bad row and field, in Vietnamese."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("Chưa nhập ai. " + " ".join(errors[:20]))
        self.errors = tuple(errors)


class BadPhone(ValueError):
    """Not a Vietnamese mobile number; the message can be shown."""


class InviteRefused(Refused):
    """A code that binds nobody; the message is Vietnamese and says what to do."""


class UnknownInvite(InviteRefused):
    """No such code, or too many wrong ones from this chat."""


class UsedInvite(InviteRefused):
    """The code was used before."""

    def __init__(self, used_at: datetime) -> None:
        super().__init__("Mã mời này đã dùng.")
        self.used_at = used_at


class ExpiredInvite(InviteRefused):
    """The code is too old."""


class ChatTaken(InviteRefused):
    """The chat already belongs to another person."""


@dataclass(frozen=True)
class Row:
    """One person of a list, checked."""

    line: int
    name: str
    phone: str
    role: RoleKind
    scope: str
    station: str
    days: str = ""
    hours: str = ""
    """When the station airs, as `airlog.airing_times` keeps it; empty: not said."""


@dataclass(frozen=True)
class Imported:
    people: int
    grants: int
    stations: int


@dataclass(frozen=True)
class InviteLine:
    """One line of `loaxa invites`."""

    person: str
    phone: str
    role: str
    station: str
    code: str


def phone_e164(text: str) -> str:
    """A Vietnamese mobile number as E.164. Nine digits mean that a spreadsheet ate the zero. Raises BadPhone."""
    digits = "".join(ch for ch in text if ch.isdigit() or ch == "+")
    if len(digits) == 9 and not digits.startswith(("0", "+")):
        digits = "0" + digits
    try:
        number = phonenumbers.parse(digits, "VN")
    except phonenumbers.NumberParseException as error:
        raise BadPhone(f"số điện thoại “{text}” không đọc được") from error
    kind = phonenumbers.number_type(number)
    if not phonenumbers.is_valid_number(number) or kind != phonenumbers.PhoneNumberType.MOBILE:
        raise BadPhone(f"số điện thoại “{text}” không phải số di động Việt Nam")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def phone_local(e164: str) -> str:
    """A stored number as people write it: 0912 345 678."""
    digits = "0" + e164.removeprefix("+84")
    return f"{digits[:4]} {digits[4:7]} {digits[7:]}".strip()


def read_list(session: Session, data: bytes) -> list[Row]:
    """Check a CSV list of people. Raises BadList naming every bad row; nothing is stored."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadList(["Tệp không phải UTF-8. Anh/chị lưu lại dạng “CSV UTF-8” rồi nhập lại."]) from error
    rows: list[Row] = []
    errors: list[str] = []
    names: dict[str, str] = {}
    for line, cells in _cells(unicodedata.normalize("NFC", text)):
        for found in _check(session, line, cells):
            if isinstance(found, str):
                errors.append(found)
            elif search_key(names.setdefault(found.phone, found.name)) != search_key(found.name):
                errors.append(f"Dòng {line}, cột dien_thoai: số này ở trên là của {names[found.phone]}.")
            else:
                rows.append(found)
    if not rows and not errors:
        errors.append("Tệp không có dòng nào dưới dòng tiêu đề.")
    if errors:
        raise BadList(errors)
    return rows


def import_people(session: Session, data: bytes, now: datetime) -> Imported:
    """Store a list of people: all or nothing, safe to repeat. Raises BadList."""
    rows = read_list(session, data)
    made = [_store(session, row, now) for row in rows]
    session.flush()
    return Imported(*(sum(flags) for flags in zip(*made, strict=True)))


def invites(session: Session, now: datetime) -> list[InviteLine]:
    """A working code for every person who has a role and no chat yet, made where missing."""
    lines = []
    for person in session.scalars(select(Person).where(Person.left_at.is_(None)).order_by(Person.id)):
        if any(a.state is AddressState.ACTIVE and a.channel != "simulator" for a in person.addresses):
            continue
        code = invite(session, person, now).code
        for grant in access.grants_of(session, person, now):
            lines.append(InviteLine(person.name, person.phone, grant.role, _place(session, grant), code))
    return lines


def invite(session: Session, person: Person, now: datetime) -> Invite:
    """The person's unused code, or a new one (8 characters without look-alikes, 30 days)."""
    usable = Invite.person_id == person.id, Invite.used_at.is_(None), Invite.expires_at > now
    found = session.scalars(select(Invite).where(*usable)).first()
    if found is None:
        code = "".join(secrets.choice(_ALPHABET) for _ in range(8))
        found = Invite(person_id=person.id, code=code, created_at=now, expires_at=now + INVITE_LIFE)
        session.add(found)
        session.flush()
    return found


def bind(session: Session, code: str, channel: str, bot: str, chat_id: str, now: datetime) -> Address:
    """Tie a chat to the person a code was made for. Raises an InviteRefused; wrong codes are counted."""
    subject = f"{channel}:{bot}:{chat_id}"
    if _wrong_codes(session, subject, now) >= MOST_WRONG_CODES:
        raise UnknownInvite(
            "Đã gõ sai mã mời nhiều lần. Anh/chị thử lại sau một giờ, hoặc hỏi người phụ trách."
        )
    # Locked where the database can: of two chats that type the same code at once, one finds it used.
    found = session.scalar(select(Invite).where(Invite.code == code.strip().upper()).with_for_update())
    taken = address_of(session, channel, bot, chat_id)
    if found is None:
        access.note(session, None, "invite", subject, now, allowed=False)
        raise UnknownInvite(
            "Mã mời này không đúng. Anh/chị kiểm tra từng chữ, hoặc xin mã mới của người phụ trách."
        )
    if taken is not None and taken.person_id != found.person_id:
        raise ChatTaken(_taken_words(taken.person))
    if found.used_at is not None and (taken is None or found.used_by_address_id != taken.id):
        raise UsedInvite(found.used_at)
    if found.used_at is None and found.expires_at <= now:
        raise ExpiredInvite("Mã mời này đã quá 30 ngày. Anh/chị xin mã mới của người phụ trách.")
    address = taken or add_address(session, found.person, channel, bot, chat_id, now)
    if address.person_id != found.person_id:  # another code was quicker, at this very moment
        raise ChatTaken(_taken_words(address.person))
    back(address)
    if found.used_at is None:
        found.used_at, found.used_by_address_id = now, address.id
    return address


def add_address(
    session: Session, person: Person, channel: str, bot: str, chat_id: str, now: datetime
) -> Address:
    """A new chat of a person, last in the order of preference. Another person's, when they were quicker."""
    row: dict[str, object] = {
        "person_id": person.id, "channel": channel, "bot": bot, "chat_id": chat_id, "bound_at": now,
        "rank": 1 + max((a.rank for a in person.addresses), default=-1),
    }  # fmt: skip
    insert_new(session, Address, [row], ["channel", "bot", "chat_id"])
    session.expire(person, ["addresses"])
    address = address_of(session, channel, bot, chat_id)
    assert address is not None
    return address


def address_of(session: Session, channel: str, bot: str, chat_id: str) -> Address | None:
    return session.scalars(_AT, {"channel": channel, "bot": bot, "chat": chat_id}).first()


def back(address: Address) -> None:
    """Whoever writes to us can be written to again."""
    address.state, address.reason, address.blocked_at = AddressState.ACTIVE, None, None


def first_address(person: Person, channels: Sequence[str]) -> Address | None:
    """Where to write to a person: the first working chat on a channel that runs here."""
    working = (one for one in person.addresses if one.state is AddressState.ACTIVE)
    return next((one for one in working if one.channel in channels), None)


def person_by_phone(session: Session, phone: str) -> Person | None:
    """Raises BadPhone."""
    return session.scalar(select(Person).where(Person.phone == phone_e164(phone)))


def _cells(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a list that are not empty, with the line each ends on. Raises BadList."""
    reader = csv.DictReader(io.StringIO(text))
    try:
        missing = [name for name in HEADER[:4] if name not in (reader.fieldnames or ())]
        if missing:
            raise BadList([f"Tệp thiếu cột {', '.join(missing)}. Dòng đầu cần có: {', '.join(HEADER)}."])
        for raw in reader:
            cells = {key: (value or "").strip() for key, value in raw.items() if isinstance(key, str)}
            if any(cells.values()):
                yield reader.line_num, cells
    except csv.Error as error:
        raise BadList(
            [f"Dòng {reader.line_num}: không đọc được. Anh/chị lưu lại tệp rồi nhập lại."]
        ) from error


def _check(session: Session, line: int, cells: dict[str, str]) -> list[Row | str]:
    errors: list[Row | str] = []
    name = " ".join(cells["ho_ten"].split())
    if not name:
        errors.append(f"Dòng {line}, cột ho_ten: chưa có họ tên.")
    phone, role, scope = "", RoleKind.OPERATOR, cells["ma_don_vi"]
    try:
        phone = phone_e164(cells["dien_thoai"])
    except BadPhone as error:
        errors.append(f"Dòng {line}, cột dien_thoai: {error}.")
    try:
        role = RoleKind(cells["vai_tro"].lower())
    except ValueError:
        allowed = ", ".join(RoleKind)
        errors.append(f"Dòng {line}, cột vai_tro: “{cells['vai_tro']}” không có trong {allowed}.")
    try:
        require_living(session, scope)
    except BadScope as error:
        errors.append(f"Dòng {line}, cột ma_don_vi: {error}")
    station = cells.get("ten_dai", "")
    if station and len(scope) != 5:
        errors.append(f"Dòng {line}, cột ten_dai: chỉ ghi tên đài khi ma_don_vi là mã xã 5 số.")
    known = session.scalar(select(Person).where(Person.phone == phone)) if phone else None
    if known is not None and name and search_key(known.name) != search_key(name):
        errors.append(f"Dòng {line}, cột dien_thoai: số này đã là của {known.name}.")
    days, hours = _hours(line, cells, role, scope, errors)
    return errors or [Row(line, name, phone, role, scope, station, days, hours)]


def _hours(
    line: int, cells: dict[str, str], role: RoleKind, scope: str, errors: list[Row | str]
) -> tuple[str, str]:
    days, hours = cells.get("ngay_phat", ""), cells.get("gio_phat", "")
    try:
        if (days or hours) and (role is not RoleKind.OPERATOR or len(scope) != 5):
            raise BadHours("chỉ ghi ở dòng của cán bộ truyền thanh một xã.")
        return (read_days(days), read_hours(hours)) if days or hours else ("", "")
    except BadHours as error:
        errors.append(f"Dòng {line}, cột gio_phat: {error}")
        return "", ""


def _store(session: Session, row: Row, now: datetime) -> tuple[bool, bool, bool]:
    person = session.scalar(select(Person).where(Person.phone == row.phone))
    new_person = person is None
    if person is None:
        person = Person(name=row.name, phone=row.phone, created_at=now)
        session.add(person)
        session.flush()
    station, new_station = None, False
    if row.role is RoleKind.OPERATOR and len(row.scope) == 5:
        station, new_station = _station_for(session, row.scope, row.station, now)
    if station is not None and row.hours:
        set_hours(session, None, station, row.days, row.hours, now)
    station_id = station.id if station is not None and row.station else None
    grant = {"person_id": person.id, "role": row.role, "scope": row.scope, "station_id": station_id}
    new_grant = session.scalar(select(Grant).filter_by(**grant)) is None
    if new_grant:
        session.add(Grant(**grant, valid_from=now))
        session.flush()
    return new_person, new_grant, new_station


def _station_for(session: Session, commune: str, name: str, now: datetime) -> tuple[Station, bool]:
    """The commune's station of that name. An unused one that `areas load` made takes the name instead."""
    stations = list(session.scalars(select(Station).where(Station.area_code == commune).order_by(Station.id)))
    for station in stations:
        if not name or search_key(station.name) == search_key(name):
            return station, False
    if len(stations) == 1 and not _in_use(session, stations[0]):
        stations[0].name = name
        return stations[0], False
    fresh = new_station(session.get_one(Area, commune), name, now.astimezone(LOCAL).date())
    session.add(fresh)
    session.flush()
    return fresh, True


def _in_use(session: Session, station: Station) -> bool:
    near = and_(Grant.role == RoleKind.OPERATOR, Grant.scope == station.area_code, Grant.station_id.is_(None))
    held = select(Grant.id).where(or_(Grant.station_id == station.id, near))
    owed = select(Duty.id).where(Duty.station_id == station.id)
    return bool(session.scalar(select(or_(held.exists(), owed.exists()))))


def _place(session: Session, grant: Grant) -> str:
    if grant.station_id is not None:
        return session.get_one(Station, grant.station_id).name
    if len(grant.scope) == 5 and grant.role is RoleKind.OPERATOR:
        query = select(Station.name).where(Station.area_code == grant.scope).order_by(Station.id)
        return " · ".join(session.scalars(query))
    return scope_name(session, require_scope(session, grant.scope))


def _taken_words(owner: Person) -> str:
    return (
        f"Máy này đang gắn với {owner.name}, Loa Xã chưa đổi gì. "
        "Nếu đổi người dùng máy, nhờ người phụ trách gỡ trước."
    )


def _wrong_codes(session: Session, subject: str, now: datetime) -> int:
    query = select(func.count(Audit.id)).where(
        Audit.act == "invite", Audit.subject == subject, Audit.at > now - timedelta(hours=1), ~Audit.allowed
    )
    return session.scalar(query) or 0
