"""Photos and recordings that operators send as proof of an airing."""

from __future__ import annotations

from collections.abc import Sequence

from airlog import airchecks, dialogs, inquiries, record
from airlog.airchecks import KeptFile
from airlog.db import Session
from airlog.models import Duty
from bot.desk import Caller
from bot.replies import say, week_of
from content import messages
from scheduler.channel import Answer, Button

MOST_CHOICES = 6


def ask_proof(session: Session, caller: Caller, duty: Duty) -> Answer:
    dialogs.ask(session, caller.address, "proof", caller.now, duty)
    return say(messages.ASK_PROOF)


def take_file(
    session: Session, caller: Caller, kept: KeptFile, awaited: Duty | None, lately: Sequence[Duty]
) -> Answer:
    """Proof of the duty that was asked about, else of the one of `lately` it can only mean, else it is asked."""
    if awaited is not None:
        return attach(session, caller, [kept], awaited)
    confirmed = [duty for duty in lately if record.standing_entry(session, duty)]
    if not confirmed:
        return say(messages.PROOF_OF_NOTHING)
    if len(confirmed) == 1:
        return attach(session, caller, [kept], confirmed[0])
    _wait(session, caller, kept)
    buttons = [
        Button(f"Tuần {week_of(d).number}, {d.station.area.name}", f"proofof:{d.id}")
        for d in confirmed[:MOST_CHOICES]
    ]
    return say(messages.PROOF_FOR_WHICH, tuple((button,) for button in buttons))


def waiting_proof(session: Session, caller: Caller, duty: Duty) -> Answer:
    """The operator has said what the files that wait are proof of."""
    question = dialogs.open_question(session, caller.address, caller.now)
    if question is None or question.awaits != "proof_for":
        return ask_proof(session, caller, duty)
    waiting = [airchecks.from_text(line) for line in question.data.splitlines()]
    return attach(session, caller, waiting, duty)


def _wait(session: Session, caller: Caller, kept: KeptFile) -> None:
    """Photos of one album come one by one: each joins those that wait already."""
    question = dialogs.open_question(session, caller.address, caller.now)
    before = question.data.splitlines() if question and question.awaits == "proof_for" else []
    line = airchecks.as_text(kept)
    dialogs.ask(session, caller.address, "proof_for", caller.now, data="\n".join([*before, line]))


def attach(session: Session, caller: Caller, files: Sequence[KeptFile], duty: Duty) -> Answer:
    """Tie files to the standing statement about a duty; the same files again add nothing."""
    entry = record.standing_entry(session, duty)
    if entry is None:
        return say(messages.PROOF_OF_NOTHING)
    for kept in files:
        airchecks.keep(session, entry, caller.person, kept, caller.now)
    inquiries.pass_on(session, duty, caller.now)
    # The rest of an album belongs to the same airing.
    dialogs.ask(session, caller.address, "proof", caller.now, duty)
    return say(messages.proof_kept(messages.FILE_KINDS[files[-1].kind], week_of(duty)))
