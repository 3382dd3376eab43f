"""People's own readings on record: who may give them, which one stands, and what still waits for a reader."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from airlog import (
    campaigns,
    items,
    people,
    readings,
    recording_clearing,
    recording_needs,
    recordings,
    tracks,
)
from airlog.access import NotAllowed
from airlog.db import Session
from airlog.models import Audit, Campaign, Duty, ItemVersion, Mandate, Recording, Rundown, RundownExtra
from airlog.recordings import NoRecording, Received
from scheduler.plan import plan_duties
from tests.world import CHAU, CUC, DUYET, HANH, MINH, WEEK, WORDS, World, person_of

CONSENT = "Đồng ý qua điện thoại 24/11"


def received(folder: Path, name: str = "a.ogg") -> Received:
    """Files as `receive` leaves them; nobody listens here."""
    original, mastered = folder / f"goc-{name}", folder / name
    for path in (original, mastered):
        path.write_bytes(name.encode())
    digest = hashlib.sha256(name.encode()).hexdigest()
    return Received(name, original, digest, mastered, digest, 61_000)


def first_version(session: Session) -> int:
    version_id = session.scalar(select(ItemVersion.id).order_by(ItemVersion.id).limit(1))
    assert version_id is not None
    return version_id


def give(
    world: World,
    folder: Path,
    language: str = "rad",
    *,
    reader: str = "H'Len Niê",
    name: str = "a.ogg",
    by: str = CHAU,
    version_id: int | None = None,
) -> Recording:
    return world.ask(
        lambda s: recordings.add(
            s,
            person_of(s, by),
            version_id or first_version(s),
            language,
            reader,
            CONSENT,
            received(folder, name),
            world.now,
        )
    )


def stands(world: World, version_id: int | None = None) -> dict[str, str]:
    """Who read a version, by language, cleared or not."""
    return world.ask(
        lambda s: {
            language: row.reader
            for (_, language), row in recordings.newest(s, [version_id or first_version(s)]).items()
        }
    )


def cleared(world: World, *takes: Recording) -> None:
    def work(session: Session) -> None:
        for take in takes:
            row = session.get_one(Recording, take.id)
            recording_clearing.clear(session, person_of(session, DUYET), row, row.sha256, world.now)

    world.ask(work)


def require_languages(world: World, languages: str) -> None:
    world.ask(lambda s: setattr(s.scalars(select(Mandate)).one(), "languages", languages))


def weeks(session: Session) -> list[Rundown]:
    return list(session.scalars(select(Rundown).order_by(Rundown.week)).unique())


@pytest.mark.parametrize("phone", [HANH, CUC, DUYET])
def test_only_editors_and_admins_give_recordings(world: World, tmp_path: Path, phone: str) -> None:
    with pytest.raises(NotAllowed):
        give(world, tmp_path, by=phone)

    assert world.ask(lambda s: s.scalars(select(Recording)).all()) == []
    assert world.ask(lambda s: s.scalars(select(Audit.act).where(~Audit.allowed)).all()) == ["recording.add"]


@pytest.mark.parametrize(
    ("language", "reader", "consent", "told"),
    [
        ("", "H'Len Niê", CONSENT, "Chưa chọn ngôn ngữ"),
        ("Ê Đê", "H'Len Niê", CONSENT, "Chưa chọn ngôn ngữ"),
        ("rad", "  ", CONSENT, "Chưa có tên người đọc"),
        ("rad", "0912", CONSENT, "Chưa có tên người đọc"),
        ("rad", "H'Len Niê", " ", "Chưa ghi người đọc đồng ý"),
        ("rad", "x" * 121, CONSENT, "dài nhất 120 chữ"),
        ("rad", "H'Len Niê", "x" * 501, "dài nhất 500 chữ"),
    ],
)
def test_language_reader_and_consent_must_be_said(
    language: str, reader: str, consent: str, told: str
) -> None:
    with pytest.raises(NoRecording, match=told):
        recordings.check_words(language, reader, consent)


def test_words_that_are_not_there_take_no_recording(world: World, tmp_path: Path) -> None:
    with pytest.raises(NoRecording, match="Không có tin bài này"):
        give(world, tmp_path, version_id=99_999)


def test_the_same_file_sent_twice_is_one_recording(world: World, tmp_path: Path) -> None:
    first, second = give(world, tmp_path), give(world, tmp_path)

    assert first.id == second.id
    assert len(world.ask(lambda s: recordings.of_version(s, first_version(s)))) == 1


def test_a_version_without_recordings_is_spoken_by_nobody(world: World) -> None:
    assert stands(world) == {}


def test_the_newest_reading_of_a_language_stands_and_vietnamese_comes_first(
    world: World, tmp_path: Path
) -> None:
    give(world, tmp_path, "jra", reader="Rơ Châm Hlim", name="jra.ogg")
    give(world, tmp_path, "bdq", reader="Đinh Thị Yên", name="bdq.ogg")
    give(world, tmp_path, "vie", reader="Lê Thị Thu", name="vie.ogg")
    give(world, tmp_path, "jra", reader="Siu H'Nga", name="jra-2.ogg")

    lines = world.ask(lambda s: recordings.standing(s, first_version(s), ()))

    assert [(one.language, one.unheard.reader if one.unheard else "") for one in lines] == [
        ("vie", "Lê Thị Thu"),
        ("bdq", "Đinh Thị Yên"),
        ("jra", "Siu H'Nga"),
    ]


def test_a_withdrawn_reading_gives_way_to_the_one_before_it_and_its_row_stays(
    world: World, tmp_path: Path
) -> None:
    give(world, tmp_path, reader="H'Len Niê")
    newer = give(world, tmp_path, reader="Y Bliu", name="b.ogg")

    world.ask(lambda s: recordings.withdraw(s, person_of(s, MINH), s.get_one(Recording, newer.id), world.now))

    assert stands(world) == {"rad": "H'Len Niê"}
    assert world.ask(lambda s: recordings.of_version(s, first_version(s)))[0].id == newer.id
    assert Path(newer.path).is_file() and Path(newer.original_path).is_file()


def test_a_withdrawal_is_undone_within_a_day_and_not_later(world: World, tmp_path: Path) -> None:
    row = give(world, tmp_path)
    start = world.now

    def act(session: Session, hours: float, *, back: bool) -> None:
        work = recordings.put_back if back else recordings.withdraw
        work(
            session,
            person_of(session, CHAU),
            session.get_one(Recording, row.id),
            start + timedelta(hours=hours),
        )

    world.ask(lambda s: act(s, 0, back=False))
    world.ask(lambda s: act(s, 23, back=True))
    assert stands(world) == {"rad": "H'Len Niê"}

    world.ask(lambda s: act(s, 24, back=False))
    world.ask(lambda s: act(s, 30, back=False))  # pressed twice: the first time counts
    with pytest.raises(NoRecording, match="quá một ngày"):
        world.ask(lambda s: act(s, 49, back=True))
    assert stands(world) == {}


def test_a_stranger_withdraws_nothing(world: World, tmp_path: Path) -> None:
    row = give(world, tmp_path)

    with pytest.raises(NotAllowed):
        world.ask(
            lambda s: recordings.withdraw(s, person_of(s, HANH), s.get_one(Recording, row.id), world.now)
        )

    assert len(stands(world)) == 1


def test_a_reading_never_goes_with_other_words(world: World, tmp_path: Path) -> None:
    give(world, tmp_path)

    def rewritten(session: Session) -> int:
        item = session.get_one(ItemVersion, first_version(session)).item
        return items.rewrite(session, person_of(session, CHAU), item, WORDS, world.now).id

    assert stands(world, world.ask(rewritten)) == {}
    assert len(stands(world)) == 1


def test_a_newer_take_does_not_unbind_the_one_that_was_heard_and_cleared(
    world: World, tmp_path: Path
) -> None:
    version_id = world.ask(
        lambda s: (
            items.add_item(
                s, person_of(s, CHAU), title="Tin", topic="policy", source="x", script=WORDS, now=world.now
            ).latest.id
        )
    )
    heard = hashlib.sha256(
        Path(give(world, tmp_path, "vie", version_id=version_id).path).read_bytes()
    ).hexdigest()
    world.ask(
        lambda s: (
            items.clear(s, s.get_one(ItemVersion, version_id).item, person_of(s, DUYET), world.now, heard)
            and None
        )
    )
    give(world, tmp_path, "vie", name="b.ogg", reader="Thu", version_id=version_id)

    bound = world.ask(lambda s: readings.bound(s, s.get_one(ItemVersion, version_id)))

    assert bound is not None and bound.is_whole and bound.sha256 == heard


@pytest.mark.parametrize("spoil", [b"something else", None], ids=["changed", "gone"])
def test_a_reading_whose_file_is_gone_or_changed_is_not_offered(
    world: World, tmp_path: Path, spoil: bytes | None
) -> None:
    path = Path(give(world, tmp_path).path)
    path.unlink() if spoil is None else path.write_bytes(spoil)

    assert stands(world) == {}
    assert world.ask(lambda s: recordings.standing(s, first_version(s), ("rad",)))[0].is_waiting


def test_a_required_language_waits_until_it_is_recorded_and_vietnamese_never_waits(
    world: World, tmp_path: Path
) -> None:
    require_languages(world, "vie, rad,jra")
    world.launch()
    version_id = world.ask(lambda s: weeks(s)[0].item_version_id)
    required = world.ask(lambda s: recording_needs.required_of(s, version_id, world.now))
    give(world, tmp_path, "rad", version_id=version_id)

    standing = world.ask(lambda s: recordings.standing(s, version_id, ("vie", *required)))

    assert required == ("rad", "jra")
    assert [(one.language, one.is_waiting) for one in standing] == [
        ("vie", False),
        ("jra", True),
        ("rad", False),
    ]


def test_what_is_cleared_before_the_weeks_hour_is_in_its_clip_and_nothing_else(
    world: World, tmp_path: Path
) -> None:
    """Another clip is wanted for it; an unheard recording, or one cleared too late, changes nothing."""
    require_languages(world, "rad,jra")
    world.launch()

    def wanted(session: Session) -> tuple[str, list[str]]:
        week = weeks(session)[0]
        week.send_at = world.now + timedelta(hours=1)
        following = recordings.following(session, week, week.item_version_id)
        return tracks.purpose_of(session, week), [one.language for one in following]

    version_id = world.ask(lambda s: weeks(s)[0].item_version_id)
    plain, _ = world.ask(wanted)
    jra = give(world, tmp_path, "jra", version_id=version_id)
    rad = give(world, tmp_path, "rad", name="b.ogg", version_id=version_id)
    unheard, nothing = world.ask(wanted)
    cleared(world, jra, rad)
    both, languages = world.ask(wanted)
    world.ask(lambda s: setattr(weeks(s)[0], "send_at", world.now - timedelta(hours=1)))
    late = world.ask(lambda s: recordings.following(s, weeks(s)[0], version_id))

    assert (plain, []) == (unheard, nothing), "nobody has heard them yet"
    assert plain != both and languages == ["rad", "jra"]
    assert late == [], "both were cleared after that hour"


def test_duties_made_before_the_mandate_changed_still_ask_for_their_languages(world: World) -> None:
    require_languages(world, "rad")
    world.launch()
    world.ask(lambda s: plan_duties(s, WEEK, world.now))
    require_languages(world, "")

    [first, *later] = world.ask(lambda s: [one.rundown_id for one in recording_needs.waiting(s, weeks(s))])

    assert first == world.ask(lambda s: weeks(s)[0].id) and later == []
    assert world.ask(lambda s: s.scalars(select(Duty.languages).distinct()).all()) == ["rad"]


def test_weeks_that_are_over_and_stopped_campaigns_ask_for_nothing(world: World) -> None:
    require_languages(world, "rad")
    campaign = world.launch()
    version_id = world.ask(lambda s: weeks(s)[0].item_version_id)

    after = world.now + timedelta(weeks=9)
    assert world.ask(lambda s: recording_needs.required_of(s, version_id, after)) == ()

    world.ask(lambda s: campaigns.stop(s, s.get_one(Campaign, campaign.id), person_of(s, MINH), world.now))
    assert world.ask(lambda s: recording_needs.required_of(s, version_id, world.now)) == ()
    assert world.ask(lambda s: recording_needs.waiting_soon(s, person_of(s, CHAU), world.now)) == []


def test_a_further_item_of_a_week_waits_too(world: World, tmp_path: Path) -> None:
    require_languages(world, "rad")
    world.launch()

    def with_extra(session: Session) -> tuple[int, int]:
        first, *_, last = weeks(session)
        session.add(RundownExtra(rundown_id=first.id, position=1, item_version_id=last.item_version_id))
        return first.item_version_id, last.item_version_id

    own, extra = world.ask(with_extra)
    give(world, tmp_path, version_id=own)

    found = world.ask(lambda s: recording_needs.waiting(s, weeks(s)[:1]))

    assert [(one.version_id, one.languages, one.unheard) for one in found] == [
        (own, (), ("rad",)),
        (extra, ("rad",), ()),
    ]
    assert world.ask(lambda s: recording_needs.required_of(s, extra, world.now)) == ("rad",)


def test_this_and_the_next_week_wait_in_ones_own_area_each_item_once(world: World) -> None:
    require_languages(world, "rad")
    world.launch()

    def far_editor(session: Session) -> list[str]:
        people.import_people(
            session,
            "ho_ten,dien_thoai,vai_tro,ma_don_vi,ten_dai\nBùi Thị Xa,0912000099,editor,01,\n".encode(),
            world.now,
        )
        far = person_of(session, "0912000099")
        return [one.title for one in recording_needs.waiting_soon(session, far, world.now)]

    mine = world.ask(lambda s: recording_needs.waiting_soon(s, person_of(s, CHAU), world.now))

    assert [one.week for one in mine] == [WEEK, WEEK.next()]
    assert world.ask(far_editor) == []


def test_words_that_a_campaign_still_airs_are_in_use_though_newer_ones_were_cleared(world: World) -> None:
    world.launch()
    old = world.ask(lambda s: weeks(s)[0].item_version_id)

    def newer(session: Session) -> tuple[int, int]:
        item = session.get_one(ItemVersion, old).item
        mine = items.rewrite(session, person_of(session, CHAU), item, WORDS, world.now)
        items.clear(session, item, person_of(session, DUYET), world.now)
        unheard = items.rewrite(
            session, person_of(session, CHAU), item, WORDS + " Xin cảm ơn bà con.", world.now
        )
        return mine.id, unheard.id

    new, unheard = world.ask(newer)

    def used(version_id: int, weeks_later: int = 0) -> bool:
        now = world.now + timedelta(weeks=weeks_later)
        return world.ask(lambda s: recording_needs.in_use(s, s.get_one(ItemVersion, version_id), now))

    assert used(old) and used(new) and not used(unheard)
    assert not used(old, weeks_later=30)
