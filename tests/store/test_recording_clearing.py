"""A person's recording is aired once a second person heard it: who may say so, of which bytes, and what it changes."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from airlog import items, readings, recording_clearing, recording_needs, recordings, tracks
from airlog.access import NotAllowed
from airlog.db import Session
from airlog.models import Audit, ItemVersion, Mandate, Recording, Rundown
from airlog.recording_clearing import BadVerdict
from airlog.recordings import Received, Standing
from tests.world import CHAU, CUC, DUYET, HANH, MINH, WORDS, World, person_of

WHY = "Đoạn cuối bị gió át tiếng"


@pytest.fixture(autouse=True)
def launched(world: World) -> None:
    """This week's item; the mandate asks for Ê Đê. Its hour is still to come."""

    def work(session: Session) -> None:
        session.scalars(select(Mandate)).one().languages = "rad"

    world.ask(work)
    world.launch()


def rundown(session: Session) -> Rundown:
    return session.scalars(select(Rundown).order_by(Rundown.week)).unique().all()[0]


def give(
    world: World,
    folder: Path,
    language: str = "rad",
    *,
    name: str = "a.ogg",
    by: str = CHAU,
    reader: str = "H'Len Niê",
) -> Recording:
    for path in (folder / f"goc-{name}", folder / name):
        path.write_bytes(name.encode())
    digest = hashlib.sha256(name.encode()).hexdigest()
    taken = Received(name, folder / f"goc-{name}", digest, folder / name, digest, 61_000)

    def work(session: Session) -> Recording:
        version = rundown(session).item_version_id
        return recordings.add(
            session, person_of(session, by), version, language, reader, "Đồng ý", taken, world.now
        )

    return world.ask(work)


def clear(world: World, take: Recording, by: str = DUYET, heard: str | None = None) -> None:
    def work(session: Session) -> None:
        row = session.get_one(Recording, take.id)
        recording_clearing.clear(session, person_of(session, by), row, heard or row.sha256, world.now)

    world.ask(work)


def reject(world: World, take: Recording, why: str = WHY, by: str = DUYET) -> None:
    def work(session: Session) -> None:
        row = session.get_one(Recording, take.id)
        recording_clearing.reject(session, person_of(session, by), row, why, world.now)

    world.ask(work)


def aired(world: World) -> list[str]:
    """Who is heard after the Vietnamese reading of this week."""
    return world.ask(
        lambda s: [one.reader for one in recordings.following(s, rundown(s), rundown(s).item_version_id)]
    )


def standing(world: World, language: str = "rad") -> Standing:
    found = world.ask(lambda s: recordings.standing(s, rundown(s).item_version_id, ("rad",)))
    return next(one for one in found if one.language == language)


def refusals(world: World) -> list[str]:
    return world.ask(lambda s: list(s.scalars(select(Audit.act).where(~Audit.allowed))))


@pytest.mark.parametrize("phone", [HANH, CUC, CHAU])
def test_only_approvers_and_admins_clear_or_send_back(world: World, tmp_path: Path, phone: str) -> None:
    take = give(world, tmp_path, by=MINH)

    for act in (clear, reject):
        with pytest.raises(NotAllowed):
            act(world, take, by=phone)

    assert aired(world) == [] and refusals(world) == ["recording.clear", "recording.reject"]


def test_who_sent_a_recording_clears_it_no_more_than_who_read_it(world: World, tmp_path: Path) -> None:
    sent, read = give(world, tmp_path, by=MINH), give(world, tmp_path, name="b.ogg", reader="cao văn DUYỆT")

    with pytest.raises(NotAllowed, match="không tự duyệt"):
        clear(world, sent, by=MINH)
    with pytest.raises(NotAllowed, match="không tự duyệt"):
        clear(world, read, by=DUYET)

    assert aired(world) == [] and refusals(world) == ["recording.clear", "recording.clear"]


def test_what_was_not_heard_is_not_cleared(world: World, tmp_path: Path) -> None:
    take = give(world, tmp_path)

    with pytest.raises(BadVerdict, match="chưa duyệt"):
        clear(world, take, heard="0" * 64)
    Path(take.path).write_bytes(b"something else")
    with pytest.raises(BadVerdict, match="không còn đúng như khi nhận"):
        clear(world, take)

    assert world.ask(lambda s: s.get_one(Recording, take.id).cleared_at) is None


def test_one_that_was_withdrawn_is_not_cleared(world: World, tmp_path: Path) -> None:
    take = give(world, tmp_path)
    world.ask(lambda s: recordings.withdraw(s, person_of(s, CHAU), s.get_one(Recording, take.id), world.now))

    with pytest.raises(BadVerdict, match="đã bỏ"):
        clear(world, take)


@pytest.mark.parametrize("why", ["", "  ", "?", "x" * 301])
def test_nothing_is_sent_back_without_a_reason_that_helps(world: World, tmp_path: Path, why: str) -> None:
    take = give(world, tmp_path)

    with pytest.raises(BadVerdict, match="vì sao"):
        reject(world, take, why)

    assert standing(world).unheard is not None


def test_at_the_weeks_hour_the_programme_goes_without_what_nobody_heard_and_the_admin_sees_it(
    world: World, tmp_path: Path
) -> None:
    give(world, tmp_path)

    [this_week] = world.ask(lambda s: recording_needs.waiting(s, [rundown(s)]))

    assert aired(world) == []
    assert (this_week.languages, this_week.unheard) == ((), ("rad",))


def test_a_cleared_recording_is_aired_and_waits_for_nobody(world: World, tmp_path: Path) -> None:
    take = give(world, tmp_path)

    clear(world, take)
    clear(world, take)

    assert aired(world) == ["H'Len Niê"]
    assert world.ask(lambda s: recording_needs.waiting(s, [rundown(s)])) == []
    acts = world.ask(lambda s: s.scalars(select(Audit.act).where(Audit.act == "recording.clear")).all())
    assert len(acts) == 1


def test_a_later_take_waits_for_its_own_clearing_and_the_cleared_one_stays_in_use(
    world: World, tmp_path: Path
) -> None:
    clear(world, give(world, tmp_path))
    later = give(world, tmp_path, name="b.ogg", reader="Y Bliu")

    before, state = aired(world), standing(world)
    clear(world, later)

    assert before == ["H'Len Niê"] and aired(world) == ["Y Bliu"]
    assert (
        state.in_use
        and state.unheard
        and (state.in_use.reader, state.unheard.reader)
        == (
            "H'Len Niê",
            "Y Bliu",
        )
    )


def test_one_that_was_sent_back_tells_why_and_a_new_one_is_asked_for(world: World, tmp_path: Path) -> None:
    take = give(world, tmp_path)

    reject(world, take)
    state = standing(world)
    [this_week] = world.ask(lambda s: recording_needs.waiting(s, [rundown(s)]))

    assert state.sent_back is not None and state.sent_back.rejected_why == WHY
    assert state.is_waiting and state.unheard is None and this_week.languages == ("rad",)
    with_another = give(world, tmp_path, name="b.ogg")
    assert standing(world).unheard is not None and standing(world).sent_back is None
    clear(world, with_another)
    assert aired(world) == ["H'Len Niê"]


def test_a_second_thought_counts_both_ways(world: World, tmp_path: Path) -> None:
    take = give(world, tmp_path)

    clear(world, take)
    reject(world, take)
    after_rejection = aired(world)
    clear(world, take)

    assert after_rejection == [] and aired(world) == ["H'Len Niê"]
    assert standing(world).sent_back is None


def test_what_is_cleared_after_the_weeks_hour_is_in_the_next_programme_only(
    world: World, tmp_path: Path
) -> None:
    take = give(world, tmp_path)
    world.ask(lambda s: setattr(rundown(s), "send_at", world.now - timedelta(minutes=1)))

    clear(world, take)

    assert aired(world) == []


def test_the_list_of_items_counts_what_waits_to_be_heard(world: World, tmp_path: Path) -> None:
    item_id = world.ask(lambda s: rundown(s).version.item_id)
    first = give(world, tmp_path)
    give(world, tmp_path, name="b.ogg")
    give(world, tmp_path, "jra", name="c.ogg")
    waiting = world.ask(recording_clearing.unheard_by_item)
    reject(world, first)
    world.ask(
        lambda s: items.rewrite(s, person_of(s, CHAU), rundown(s).version.item, WORDS, world.now) and None
    )

    assert waiting == {item_id: 2}
    assert world.ask(recording_clearing.unheard_by_item) == {}, "other words, other recordings"


class TestInVietnamese:
    """It takes the place of the reading that was cleared with the item."""

    def bound(self, world: World) -> str | None:
        def work(session: Session) -> str | None:
            found = readings.bound(session, rundown(session).version)
            return found.sha256 if found and found.is_whole else None

        return world.ask(work)

    def test_the_author_does_not_clear_a_reading_of_their_own_words(
        self, world: World, tmp_path: Path
    ) -> None:
        world.ask(lambda s: setattr(rundown(s).version, "author_id", person_of(s, DUYET).id))

        with pytest.raises(NotAllowed, match="Người viết"):
            clear(world, give(world, tmp_path, "vie"))

    def test_words_that_nobody_cleared_are_cleared_with_the_item(self, world: World, tmp_path: Path) -> None:
        world.ask(lambda s: setattr(rundown(s).version, "cleared_at", None))
        take = give(world, tmp_path, "vie")

        with pytest.raises(BadVerdict, match="mục Duyệt"):
            clear(world, take)

    def test_one_that_nobody_heard_is_not_aired_even_where_the_sound_is_free(
        self, world: World, tmp_path: Path
    ) -> None:
        """Words cleared alone, as by the command line or an earlier release."""
        world.ask(lambda s: setattr(rundown(s).version, "cleared_sha256", None))
        give(world, tmp_path, "vie")

        assert self.bound(world) is None

    def test_a_cleared_one_is_what_stations_get(self, world: World, tmp_path: Path) -> None:
        shipped, take = self.bound(world), give(world, tmp_path, "vie")
        waiting = self.bound(world)

        clear(world, take)

        assert shipped == waiting != take.sha256
        assert self.bound(world) == take.sha256

    def test_clearing_the_item_by_hearing_it_clears_the_recording(self, world: World, tmp_path: Path) -> None:
        take = give(world, tmp_path, "vie")

        def work(session: Session) -> None:
            item = rundown(session).version.item
            items.clear(session, item, person_of(session, DUYET), world.now, take.sha256)

        world.ask(work)

        assert standing(world, "vie").in_use is not None and self.bound(world) == take.sha256

    def test_who_sent_it_does_not_clear_it_with_the_item_either(self, world: World, tmp_path: Path) -> None:
        take = give(world, tmp_path, "vie", by=MINH)

        def work(session: Session) -> None:
            item = rundown(session).version.item
            items.clear(session, item, person_of(session, MINH), world.now, take.sha256)

        with pytest.raises(NotAllowed, match="không tự duyệt"):
            world.ask(work)

        assert self.bound(world) != take.sha256

    @pytest.mark.parametrize("how", ["sent back", "withdrawn"])
    def test_once_taken_out_of_use_nothing_takes_its_place_unheard(
        self, world: World, tmp_path: Path, how: str
    ) -> None:
        take = give(world, tmp_path, "vie")
        clear(world, take)
        purpose = world.ask(lambda s: tracks.purpose_of(s, rundown(s)))

        if how == "sent back":
            reject(world, take)
        else:
            world.ask(
                lambda s: recordings.withdraw(s, person_of(s, CHAU), s.get_one(Recording, take.id), world.now)
            )

        assert self.bound(world) is None
        assert world.ask(lambda s: tracks.purpose_of(s, rundown(s))) != purpose

    def test_an_older_version_that_a_campaign_airs_gets_its_own(self, world: World, tmp_path: Path) -> None:
        def newer(session: Session) -> None:
            items.rewrite(session, person_of(session, CHAU), rundown(session).version.item, WORDS, world.now)

        world.ask(newer)
        take = give(world, tmp_path, "vie")

        clear(world, take)

        assert self.bound(world) == take.sha256
        assert world.ask(lambda s: rundown(s).version.item.latest.cleared_sha256) is None


def test_the_versions_words_are_never_cleared_by_a_recording_in_another_language(
    world: World, tmp_path: Path
) -> None:
    world.ask(lambda s: setattr(rundown(s).version, "cleared_at", None))

    clear(world, give(world, tmp_path))

    version = world.ask(lambda s: s.get_one(ItemVersion, rundown(s).item_version_id))
    assert version.cleared_at is None
