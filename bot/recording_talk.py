"""A person's own reading from the chat: item, language, file, who reads, consent. Editors and admins.

The file is mastered where it is fetched (bot/reception.py), before any transaction; here it is put on record once its
reader is named and has agreed.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from airlog import access, dialogs, items, people, recording_needs, recordings
from airlog.db import Session
from airlog.models import ItemVersion
from airlog.recordings import NoRecording, Received, Standing
from bot.desk import Caller, Desk
from bot.replies import in_pairs, number_of, say
from content import messages, recording_messages
from content.languages import LANGUAGES, VIETNAMESE, is_language, language_vi
from content.messages import cap
from content.recording_messages import WAITING
from content.wording import fold
from scheduler.channel import Answer, Button, Incoming

FILE, READER, CONSENT = "rec_file", "rec_reader", "rec_consent"
STEPS = (FILE, READER, CONSENT)
ITEMS_A_PAGE = 8
SLOW_BYTES = 400_000
"""From here on, about a minute of speech, mastering takes long enough to be told of."""
_LABEL_CHARS = 40
_YES = ("dong y", "da dong y", "nguoi doc da dong y", "co")
_CANCEL_ROW: tuple[Button, ...] = (Button(recording_messages.CANCEL, "rec:no"),)


@dataclass(frozen=True)
class Draft:
    """What is known of a recording so far; kept in the dialog. Paths are relative to the var folder."""

    version_id: int
    title: str
    language: str
    reader: str = ""
    received: Received | None = None
    script: str = ""
    """What is to be read; looked up when a file comes, not kept."""

    def as_text(self, var_dir: Path) -> str:
        found = asdict(replace(self, script=""))
        if self.received is not None:
            for name in ("path", "original_path"):
                found["received"][name] = found["received"][name].relative_to(var_dir).as_posix()
        return json.dumps(found, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str, var_dir: Path) -> Draft:
        found = json.loads(text)
        held = found.pop("received")
        if held is not None:
            held |= {name: var_dir / held[name] for name in ("path", "original_path")}
            found["received"] = Received(**held)
        return cls(**found)


def awaited(session: Session, incoming: Incoming, desk: Desk, now: datetime) -> Draft | None:
    """The recording that a chat's file would be; None when the file is something else, such as a photo."""
    address = people.address_of(session, incoming.channel, incoming.bot, incoming.chat_id)
    if address is None or not incoming.private or incoming.file is None or incoming.file.kind == "photo":
        return None
    question = dialogs.peek(session, address, now)
    if question is None or question.awaits not in STEPS:
        return None
    draft = Draft.from_text(question.data, desk.var_dir)
    version = session.get(ItemVersion, draft.version_id)
    return replace(draft, script=version.script) if version else None


def take_in(draft: Draft, data: bytes, incoming: Incoming, desk: Desk) -> Received:
    """Master the file of a chat. Takes seconds: call it in a thread. Raises ClipRefused."""
    name = (incoming.file.name if incoming.file else None) or "tin-nhan-thoai"
    folder = desk.var_dir / "recordings"
    return recordings.receive(folder, data, name, draft.title, draft.language, draft.script)


def start(session: Session, caller: Caller) -> Answer:
    """/thuam: what waits this week and the next, and the way to every other item."""
    access.require(session, caller.person, access.EDITORS, "recording", caller.now)
    waiting = recording_needs.waiting_soon(session, caller.person, caller.now)[:ITEMS_A_PAGE]
    rows = [(Button(_short(one.title), f"rec:v:{one.version_id}"),) for one in waiting]
    rows.append((Button(recording_messages.ALL_ITEMS, "rec:all:0"),))
    text = recording_messages.which_item([(one.week, one.title, one.languages) for one in waiting])
    return say(text, tuple(rows))


def press(session: Session, caller: Caller, rest: str) -> Answer:
    """`rec:all:page`, `rec:v:version`, `rec:l:version:language`, `rec:yes`, `rec:no`."""
    access.require(session, caller.person, access.EDITORS, "recording", caller.now)
    what, _, more = rest.partition(":")
    number, _, language = more.partition(":")
    known = number_of(number)
    match what:
        case "all" if known is not None:
            return _all_items(session, known)
        case "v" if known is not None:
            return _which_language(session, caller, known)
        case "l" if known is not None and is_language(language):
            return _ask_file(session, caller, known, language)
        case "yes":
            return _consented(session, caller)
        case "no":
            return cancel(session, caller)
        case _:
            return say(messages.NOT_UNDERSTOOD)


def typed(session: Session, caller: Caller, awaits: str, text: str) -> Answer:
    """Words while a recording is being talked about."""
    if fold(text) == fold(recording_messages.CANCEL):
        return cancel(session, caller)
    if awaits == FILE:
        return say(recording_messages.AWAITS_FILE, (_CANCEL_ROW,))
    if awaits == READER:
        return _named(session, caller, text)
    if fold(text).strip(" .,") in _YES:
        return _consented(session, caller)
    draft = _draft(session, caller)
    return say(messages.NOT_UNDERSTOOD) if draft is None else _ask_consent(draft)


def take_file(session: Session, caller: Caller, received: Received) -> Answer:
    """The file is mastered; a second one takes the place of the first."""
    draft = _draft(session, caller)
    if draft is None:
        return say(recording_messages.NOTHING_OPEN)
    draft = replace(draft, received=received)
    if draft.reader:
        _remember(session, caller, CONSENT, draft)
        return _ask_consent(draft)
    _remember(session, caller, READER, draft)
    return say(recording_messages.ask_reader(received.duration_ms / 1000), (_CANCEL_ROW,))


def file_refused(session: Session, caller: Caller, trouble: str) -> Answer | None:
    """The same refusal with a way out under it; the question stays open. None when no recording was awaited."""
    return say(trouble, (_CANCEL_ROW,)) if _draft(session, caller) is not None else None


def cancel(session: Session, caller: Caller) -> Answer:
    if _draft(session, caller) is None:
        return say(recording_messages.NOTHING_OPEN)
    dialogs.close(session, caller.address)
    return say(recording_messages.CANCELLED)


def _all_items(session: Session, page: int) -> Answer:
    """Every item that may be sent, in pages."""
    found = [version for item in items.all_items(session) if (version := items.cleared_version(item))]
    here = found[page * ITEMS_A_PAGE : (page + 1) * ITEMS_A_PAGE]
    rows = [(Button(_short(version.item.title), f"rec:v:{version.id}"),) for version in here]
    if len(found) > (page + 1) * ITEMS_A_PAGE:
        rows.append((Button(recording_messages.MORE, f"rec:all:{page + 1}"),))
    return say(recording_messages.WHICH_OF_ALL, tuple(rows))


def _which_language(session: Session, caller: Caller, version_id: int) -> Answer:
    """How the item stands, and a button for each language; those that wait come first."""
    version = _sent(session, caller, version_id)
    if version is None:
        return say(recording_messages.ITEM_GONE)
    required = recording_needs.required_of(session, version.id, caller.now)
    standing = recordings.standing(session, version.id, required)
    lines = [recording_messages.stands(one.language, how) for one in standing for how in _how(one)]
    waiting = [one.language for one in standing if one.is_waiting]
    codes = dict.fromkeys([*waiting, VIETNAMESE, *LANGUAGES])
    buttons = [Button(cap(language_vi(code)), f"rec:l:{version.id}:{code}") for code in codes]
    return say(recording_messages.which_language(version.item.title, lines), in_pairs(buttons))


def _how(one: Standing) -> list[str]:
    """How an item stands in one language, a line for each thing there is to know."""
    found = [WAITING] if one.is_waiting else []
    if one.sent_back is not None:
        found.append(recording_messages.sent_back(one.sent_back.reader, one.sent_back.rejected_why or ""))
    for row in (one.unheard, one.in_use):
        if row is not None:
            found.append(recording_messages.read_by(row.reader, messages.at(row.at), row is one.in_use))
    return found


def _ask_file(session: Session, caller: Caller, version_id: int, language: str) -> Answer:
    version = _sent(session, caller, version_id)
    if version is None:
        return say(recording_messages.ITEM_GONE)
    draft = Draft(version.id, version.item.title, language)
    _remember(session, caller, FILE, draft)
    return say(recording_messages.ask_file(draft.title, language), (_CANCEL_ROW,))


def _named(session: Session, caller: Caller, text: str) -> Answer:
    draft = _draft(session, caller)
    if draft is None:
        return say(recording_messages.NOTHING_OPEN)
    try:
        reader, _ = recordings.check_words(draft.language, text, recording_messages.AGREED)
    except NoRecording as error:
        return say(str(error), (_CANCEL_ROW,))
    draft = replace(draft, reader=reader)
    _remember(session, caller, CONSENT, draft)
    return _ask_consent(draft)


def _ask_consent(draft: Draft) -> Answer:
    agree = Button(recording_messages.AGREED, "rec:yes", "good")
    return say(recording_messages.ask_consent(draft.reader), ((agree,), _CANCEL_ROW))


def _consented(session: Session, caller: Caller) -> Answer:
    """On record. The words may have changed since the item was chosen: then it is said."""
    draft = _draft(session, caller)
    if draft is None or draft.received is None or not draft.reader:
        return say(recording_messages.NOTHING_OPEN)
    consent = recording_messages.consent_noted(caller.person.name, messages.at(caller.now))
    row = recordings.add(
        session, caller.person, draft.version_id, draft.language, draft.reader, consent, draft.received,
        caller.now,
    )  # fmt: skip
    dialogs.close(session, caller.address)
    if _sent(session, caller, draft.version_id) is None:
        return say(recording_messages.WORDS_CHANGED)
    required = recording_needs.required_of(session, draft.version_id, caller.now)
    standing = recordings.standing(session, draft.version_id, required)
    waiting = [one.language for one in standing if one.is_waiting]
    text = recording_messages.kept(draft.title, row.language, row.reader, row.duration_ms / 1000, waiting)
    return say(text, ((Button(recording_messages.ANOTHER, f"rec:v:{draft.version_id}"),),))


def _sent(session: Session, caller: Caller, version_id: int) -> ItemVersion | None:
    """The version, if stations get its words."""
    version = session.get(ItemVersion, version_id)
    return version if version and recording_needs.in_use(session, version, caller.now) else None


def _draft(session: Session, caller: Caller) -> Draft | None:
    question = dialogs.open_question(session, caller.address, caller.now)
    if question is None or question.awaits not in STEPS:
        return None
    return Draft.from_text(question.data, caller.desk.var_dir)


def _remember(session: Session, caller: Caller, step: str, draft: Draft) -> None:
    dialogs.ask(session, caller.address, step, caller.now, data=draft.as_text(caller.desk.var_dir))


def _short(title: str) -> str:
    return title if len(title) <= _LABEL_CHARS else title[: _LABEL_CHARS - 1].rstrip() + "…"
