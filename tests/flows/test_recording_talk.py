"""A reading sent from the chat: what is refused, what can be called off, and the whole talk from item to consent."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from airlog import items, people, recording_clearing, recordings, tracks
from airlog.db import Session
from airlog.models import Dialog, Grant, ItemVersion, Mandate, Recording, Rundown
from airlog.recordings import Received
from airlog.types import RoleKind
from audio.render import spoken_words
from audio.voices import Voices
from bot import recording_talk
from bot.reception import Reception
from content import messages, recording_messages
from content.recording_messages import AGREED, ALL_ITEMS, ANOTHER, CANCEL, MORE, WAITING
from scheduler.channel import Answer, FileKind, Incoming, IncomingFile
from scheduler.clock import HandClock
from scheduler.tracks import Studio, ensure_track
from tests.fakes import FakeChannel, FakeSpeech, buzz
from tests.phone_files import recorded, voice_note
from tests.talk_world import ADMIN, BOT, LAN, LONG_AGO, OFFICER, TUESDAY, WEEK, Talk, talk
from tests.world import WORDS

__all__ = ["talk"]
RAD = "Tiếng Ê Đê"
READER = "H'Len Niê"
LONG_S = 20.0
"""Long enough for the items of the library, read quickly in any language."""


@pytest.fixture
def asked(talk: Talk) -> Talk:
    """The mandate asks for Ê Đê too."""
    talk.ask(lambda s: setattr(s.scalars(select(Mandate)).one(), "languages", "rad"))
    return talk


def this_week(talk: Talk) -> tuple[int, str]:
    """The version and title of the week's item."""
    query = select(Rundown).where(Rundown.week == str(WEEK))
    version = talk.ask(lambda s: s.scalars(query).unique().one().version)
    return version.id, talk.ask(lambda s: s.get_one(ItemVersion, version.id).item.title)


def mastered(talk: Talk, name: str = "a") -> Received:
    """A voice note after bot/reception.py mastered it."""
    folder = talk.desk.var_dir / "recordings" / "aa"
    folder.mkdir(parents=True, exist_ok=True)
    original, path = folder / f"{name}.oga", folder / f"{name}.ogg"
    for one in (original, path):
        one.write_bytes(name.encode())
    digest = hashlib.sha256(name.encode()).hexdigest()
    return Received("tin-nhan-thoai", original, digest, path, digest, 62_000)


def on_record(talk: Talk) -> list[tuple[str, str]]:
    return talk.ask(lambda s: [(r.language, r.reader) for r in s.scalars(select(Recording))])


def up_to(talk: Talk, step: str) -> None:
    """Lead the talk to where a file, the reader's name or the consent is awaited."""
    talk.say(ADMIN, "/thuam")
    talk.tap(ADMIN, this_week(talk)[1])
    talk.tap(ADMIN, RAD)
    if step in ("name", "consent"):
        talk.send_file(ADMIN, mastered(talk))
    if step == "consent":
        talk.say(ADMIN, READER)


@pytest.mark.parametrize("chat", [LAN, OFFICER])
def test_operators_and_officers_send_no_recordings(asked: Talk, chat: str) -> None:
    version_id, _ = this_week(asked)

    assert "quyền khác" in asked.say(chat, "/thuam")
    assert "quyền khác" in asked.press(chat, f"rec:l:{version_id}:rad")
    assert "/thuam" not in asked.say(chat, "/trogiup")
    assert asked.refusals() == ["recording", "recording"]


def test_the_help_of_an_admin_names_the_command(talk: Talk) -> None:
    assert "/thuam" in talk.say(ADMIN, "/trogiup")


@pytest.mark.parametrize(
    "data",
    ["rec:", "rec:v:", "rec:v:x", "rec:v:99999999999", "rec:all:x", "rec:l:1", "rec:l:1:ede-de", "rec:x:1"],
)
def test_a_button_that_nobody_made_changes_nothing(asked: Talk, data: str) -> None:
    assert asked.press(ADMIN, data) == messages.NOT_UNDERSTOOD


@pytest.mark.parametrize("data", ["rec:yes", "rec:no"])
def test_a_button_of_a_talk_that_is_over_says_so(asked: Talk, data: str) -> None:
    assert asked.press(ADMIN, data) == recording_messages.NOTHING_OPEN
    assert on_record(asked) == []


@pytest.mark.parametrize("data", ["rec:v:999999", "rec:l:999999:rad"])
def test_an_item_that_is_not_there_cannot_be_recorded(asked: Talk, data: str) -> None:
    assert asked.press(ADMIN, data) == recording_messages.ITEM_GONE


@pytest.mark.parametrize("step", ["file", "name", "consent"])
@pytest.mark.parametrize("typed", [True, False], ids=["typed", "tapped"])
def test_every_step_can_be_called_off(asked: Talk, step: str, typed: bool) -> None:
    up_to(asked, step)

    reply = asked.say(ADMIN, "huỷ") if typed else asked.tap(ADMIN, CANCEL)

    assert reply == recording_messages.CANCELLED
    assert asked.press(ADMIN, "rec:yes") == recording_messages.NOTHING_OPEN
    assert on_record(asked) == []


@pytest.mark.parametrize("step", ["file", "name", "consent"])
def test_a_talk_of_days_ago_is_forgotten(asked: Talk, step: str) -> None:
    up_to(asked, step)
    asked.now += timedelta(days=3)

    assert asked.press(ADMIN, "rec:yes") == recording_messages.NOTHING_OPEN
    assert asked.say(ADMIN, READER) == messages.NOT_UNDERSTOOD
    assert on_record(asked) == []


def test_words_in_place_of_the_file_are_answered_with_what_is_awaited(asked: Talk) -> None:
    up_to(asked, "file")

    assert asked.say(ADMIN, "em gửi sau nhé") == recording_messages.AWAITS_FILE
    assert asked.labels(ADMIN) == [CANCEL]


def test_a_refused_file_leaves_the_question_open(asked: Talk) -> None:
    up_to(asked, "file")

    assert (
        asked.send_file(ADMIN, "Bản thu âm gần như không có tiếng.") == "Bản thu âm gần như không có tiếng."
    )
    assert asked.labels(ADMIN) == [CANCEL]
    assert "họ tên người đọc" in asked.send_file(ADMIN, mastered(asked))


@pytest.mark.parametrize("name", ["?", "0912345678", "x" * 130])
def test_what_is_no_name_is_asked_again(asked: Talk, name: str) -> None:
    up_to(asked, "name")

    assert "người đọc" in asked.say(ADMIN, name)
    assert "đồng ý cho phát" in asked.say(ADMIN, READER)


def test_without_consent_nothing_is_on_record(asked: Talk) -> None:
    up_to(asked, "consent")

    assert asked.say(ADMIN, "chưa hỏi được") == recording_messages.ask_consent(READER)
    assert on_record(asked) == []


def test_from_the_item_that_waits_to_the_recording_on_record(asked: Talk) -> None:
    version_id, title = this_week(asked)

    first = asked.say(ADMIN, "/thuam")
    languages = asked.tap(ADMIN, title)
    offered = asked.labels(ADMIN)
    asked.tap(ADMIN, RAD)
    length = asked.send_file(ADMIN, mastered(asked))
    asked.say(ADMIN, f"  {READER} ")
    done = asked.tap(ADMIN, AGREED)

    assert title in first and "Chờ thu âm: tiếng Ê Đê" in first
    assert f"{RAD}: {WAITING}" in languages and offered[0] == RAD
    assert "dài 1 phút 2 giây" in length
    assert "Đã nhận bản thu tiếng Ê Đê" in done and "dài 1 phút 2 giây" in done and "Chờ" not in done
    [row] = asked.ask(lambda s: s.scalars(select(Recording)).all())
    assert (row.item_version_id, row.language, row.reader) == (version_id, "rad", READER)
    assert row.consent.startswith("Đồng ý cho phát, Ngô Quản Trị báo")
    assert "không có tin nào chờ thu âm" in asked.say(ADMIN, "/thuam")


def test_whoever_sent_it_reads_how_it_stands_until_it_is_cleared(asked: Talk) -> None:
    """The approver's reason comes back here."""
    version_id, _ = this_week(asked)
    up_to(asked, "consent")
    done = asked.tap(ADMIN, AGREED)
    unheard = asked.press(ADMIN, f"rec:v:{version_id}")

    def judged(session: Session, why: str) -> None:
        approver = people.person_by_phone(session, "0912000005")
        assert approver is not None
        [row] = session.scalars(select(Recording)).all()
        if why:
            role = Grant(person_id=approver.id, role=RoleKind.APPROVER, scope="68")
            role.valid_from = LONG_AGO.starts_at
            session.add(role)
            session.flush()
            recording_clearing.reject(session, approver, row, why, asked.now)
        else:
            recording_clearing.clear(session, approver, row, row.sha256, asked.now)

    asked.ask(lambda s: judged(s, "gió át tiếng"))
    sent_back = asked.press(ADMIN, f"rec:v:{version_id}")
    first = asked.say(ADMIN, "/thuam")
    asked.ask(lambda s: judged(s, ""))
    cleared = asked.press(ADMIN, f"rec:v:{version_id}")

    assert "sau khi một người khác nghe và duyệt" in done
    assert f"{RAD}: {READER} đọc" in unheard and "chờ duyệt bản ghi" in unheard
    assert f"{RAD}: bản {READER} đọc chưa duyệt: gió át tiếng" in sent_back
    assert f"{RAD}: {WAITING}" in sent_back and "Chờ thu âm: tiếng Ê Đê" in first
    assert "đã duyệt" in cleared and WAITING not in cleared


def test_typed_agreement_counts_like_the_button(asked: Talk) -> None:
    up_to(asked, "consent")

    assert "Đã nhận bản thu" in asked.say(ADMIN, "đồng ý")
    assert on_record(asked) == [("rad", READER)]


@pytest.mark.parametrize(("step", "then"), [("name", "họ tên người đọc"), ("consent", "đồng ý cho phát")])
def test_a_second_take_replaces_the_first(asked: Talk, step: str, then: str) -> None:
    up_to(asked, step)

    assert then in asked.send_file(ADMIN, mastered(asked, "b"))
    if step == "name":
        asked.say(ADMIN, READER)
    asked.tap(ADMIN, AGREED)

    [row] = asked.ask(lambda s: s.scalars(select(Recording)).all())
    assert Path(row.path).name == "b.ogg"


def test_the_next_language_is_one_tap_away(asked: Talk) -> None:
    up_to(asked, "consent")
    asked.tap(ADMIN, AGREED)

    assert f"{RAD}: {READER} đọc" in asked.tap(ADMIN, ANOTHER)


def test_words_rewritten_meanwhile_are_told(asked: Talk) -> None:
    asked.now = WEEK.shift(9).starts_at  # no campaign airs the item any more
    version_id, _ = this_week(asked)
    asked.press(ADMIN, f"rec:l:{version_id}:rad")
    asked.send_file(ADMIN, mastered(asked))
    asked.say(ADMIN, READER)

    def rewritten(session: Session) -> None:
        item = session.get_one(ItemVersion, version_id).item
        author = people.person_by_phone(session, "0912000006")
        assert author is not None
        items.rewrite(session, author, item, WORDS, asked.now).cleared_at = asked.now

    asked.ask(rewritten)

    assert asked.tap(ADMIN, AGREED) == recording_messages.WORDS_CHANGED
    assert asked.press(ADMIN, f"rec:v:{version_id}") == recording_messages.ITEM_GONE


def test_every_cleared_item_can_be_found_in_pages(talk: Talk) -> None:
    talk.say(ADMIN, "/thuam")
    talk.tap(ADMIN, ALL_ITEMS)
    titles = set(talk.labels(ADMIN))
    while MORE in talk.labels(ADMIN):
        talk.tap(ADMIN, MORE)
        titles |= set(talk.labels(ADMIN))

    every = talk.ask(lambda s: [item.title for item in items.all_items(s)])
    assert {title[:30] for title in titles} - {MORE} == {title[:30] for title in every}


def test_a_draft_holds_no_path_of_this_machine(asked: Talk) -> None:
    """The record may move to another machine in the middle of a talk."""
    up_to(asked, "consent")

    data = asked.ask(lambda s: s.scalars(select(Dialog.data)).one())
    assert json.loads(data)["received"]["path"] == "recordings/aa/a.ogg"


# ---- with the file itself, as bot/reception.py fetches it --------------------------------------------------


@dataclass
class Line:
    """A chat service that holds files, and the reception behind it."""

    talk: Talk
    files: dict[str, bytes] = field(default_factory=dict)
    fetched: int = 0

    def __post_init__(self) -> None:
        self.channel = Messenger(self)
        self.reception = Reception(self.talk.db, self.talk.desk, HandClock(TUESDAY))
        self.number = 0

    async def send(self, kind: FileKind, data: bytes, claims: int | None = None) -> str:
        self.number += 1
        self.files["f"] = data
        row = await self.reception.store(self.channel, f"u{self.number}", "{}")
        assert row is not None
        incoming = Incoming(
            "telegram", BOT, f"u{self.number}", ADMIN, "file", TUESDAY, message_ref=f"t:{self.number}",
            file=IncomingFile(kind, "f", claims or len(data), "ghi.m4a"),
        )  # fmt: skip
        answer: Answer = await self.reception.take(self.channel, row, incoming)
        return "\n".join(message.text for message in answer.messages)


class Messenger(FakeChannel):
    def __init__(self, line: Line) -> None:
        super().__init__("telegram", BOT)
        self._line = line

    async def fetch_file(self, file_ref: str, max_bytes: int) -> bytes:
        self._line.fetched += 1
        return self._line.files[file_ref]

    async def acknowledge(self, press_ref: str) -> None:
        """Nothing spins here."""


async def test_a_voice_note_is_mastered_and_kept_with_its_original(asked: Talk, tmp_path: Path) -> None:
    line, note = Line(asked), voice_note(tmp_path, LONG_S)
    up_to(asked, "file")

    assert "Đã nghe được bản thu, dài 20 giây" in await line.send("voice", note)
    asked.say(ADMIN, READER)
    asked.press(ADMIN, "rec:yes")

    [row] = asked.ask(lambda s: s.scalars(select(Recording)).all())
    assert Path(row.original_path).read_bytes() == note and Path(row.path).read_bytes()[:4] == b"OggS"
    assert Path(row.path).is_relative_to(asked.desk.var_dir / "recordings")


async def test_whoever_sends_a_long_file_is_told_that_it_is_being_worked_on(
    asked: Talk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording_talk, "SLOW_BYTES", 10)
    line = Line(asked)
    up_to(asked, "file")

    await line.send("voice", voice_note(tmp_path, LONG_S))

    first, second = (message.text for message in line.channel.got(ADMIN))
    assert first == recording_messages.WORKING and "Đã nghe được" in second


@pytest.mark.parametrize(
    ("level", "seconds", "told"),
    [(0.0003, 5.0, "gần như không có tiếng"), (6.0, 5.0, "vỡ tiếng"), (0.3, 2.9, "chỉ dài 2,9 giây")],
    ids=["silent", "clipped", "short"],
)
async def test_a_bad_recording_is_sent_back_with_the_reason(
    asked: Talk, tmp_path: Path, level: float, seconds: float, told: str
) -> None:
    line = Line(asked)
    up_to(asked, "file")

    reply = await line.send("audio", recorded(tmp_path / "a.wav", buzz(seconds, level)).read_bytes())

    assert told in reply and "gửi lại" in reply
    assert not (asked.desk.var_dir / "recordings").exists()
    assert "Đã nghe được" in await line.send("voice", voice_note(tmp_path, LONG_S))


async def test_a_file_without_sound_is_sent_back(asked: Talk) -> None:
    line = Line(asked)
    up_to(asked, "file")

    assert "không có âm thanh" in await line.send("file", b"PK\x03\x04 not a song")


async def test_a_recording_that_cannot_be_of_these_words_is_sent_back(asked: Talk, tmp_path: Path) -> None:
    line = Line(asked)
    up_to(asked, "file")

    reply = await line.send("voice", voice_note(tmp_path, 4.0))

    assert "giây tiếng nói mà lời tiếng Việt có" in reply and asked.labels(ADMIN) == [CANCEL]


async def test_a_file_that_claims_two_hundred_megabytes_is_never_fetched(asked: Talk) -> None:
    line = Line(asked)
    up_to(asked, "file")

    assert "tối đa 20 MB" in await line.send("file", b"x", claims=200_000_000)
    assert line.fetched == 0


async def test_a_voice_note_that_nobody_awaits_is_proof_as_before(asked: Talk, tmp_path: Path) -> None:
    line = Line(asked)
    up_to(asked, "file")
    asked.tap(ADMIN, CANCEL)

    assert await line.send("voice", voice_note(tmp_path, LONG_S)) == messages.PROOF_OF_NOTHING
    assert (asked.desk.var_dir / "airchecks").is_dir()


# ---- no voice of ours in another language --------------------------------------------------------------------


async def test_a_language_without_a_recording_has_no_sound_in_the_programme(
    asked: Talk, tmp_path: Path
) -> None:
    """The Vietnamese voice is asked for the Vietnamese words, once, and for nothing else."""
    voice = FakeSpeech()

    def own_words(session: Session) -> tuple[int, int]:
        author = people.person_by_phone(session, "0912000006")
        rundown = session.scalars(select(Rundown).where(Rundown.week == str(WEEK))).unique().one()
        assert author is not None
        version = items.rewrite(session, author, rundown.version.item, WORDS, TUESDAY)
        version.cleared_at, rundown.item_version_id = TUESDAY, version.id
        return rundown.id, version.id

    rundown_id, version_id = asked.ask(own_words)
    told = await ensure_track(asked.db, Studio(Voices([voice]), tmp_path), rundown_id, TUESDAY)

    assert told is None
    assert asked.ask(lambda s: recordings.newest(s, [version_id])) == {}
    assert voice.asked == [spoken_words(WORDS)]
    track = asked.ask(lambda s: tracks.airable(s, s.get_one(Rundown, rundown_id)))
    assert track is not None and track.language == "vie" and "fake" in track.engine
