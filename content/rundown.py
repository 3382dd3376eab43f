"""Which item goes on air in which week of a campaign."""

from __future__ import annotations

from collections.abc import Sequence

from content.item import LibraryItem
from content.week import Week


def spread(
    items: Sequence[LibraryItem], first_week: Week, weeks: int
) -> tuple[tuple[Week, LibraryItem], ...]:
    """One item for each of `weeks` weeks, in the order given, the same for the same input.

    Seasonal items take the week of their season first, once a year, and no other week. The rest come in order,
    none twice before all were used once, a topic not twice in a row where that can be avoided. If only seasonal
    items are left to choose from, they fill the other weeks too: a week without an item would be worse.
    Raises ValueError if there is nothing to spread.
    """
    if not items or weeks < 1:
        raise ValueError("spread needs at least one item and one week")
    calendar = [first_week.shift(number) for number in range(weeks)]
    plan = _seasonal(items, calendar)
    rest = [item for item in items if item.season is None] or list(items)
    used = dict.fromkeys((item.slug for item in rest), 0)
    for place, week in enumerate(calendar):
        if week in plan:
            continue
        near = [plan[other].topic for other in calendar[max(place - 1, 0) : place + 2] if other in plan]
        choice = min(rest, key=lambda item: (used[item.slug], item.topic in near))
        used[choice.slug] += 1
        plan[week] = choice
    return tuple((week, plan[week]) for week in calendar)


def _seasonal(items: Sequence[LibraryItem], calendar: Sequence[Week]) -> dict[Week, LibraryItem]:
    """Place the shortest seasons first: a day has few weeks to choose from, a month has many."""
    plan: dict[Week, LibraryItem] = {}
    openings = [(run, item) for item in items for run in _runs(item, calendar)]
    for run, item in sorted(openings, key=lambda opening: len(opening[0])):
        free = [week for week in run if week not in plan]
        if free:
            plan[max(free, key=lambda week: _days(item, week))] = item
    return plan


def _runs(item: LibraryItem, calendar: Sequence[Week]) -> list[list[Week]]:
    """The weeks in season, one list for each year's season."""
    runs: list[list[Week]] = []
    for week in calendar:
        if not _days(item, week):
            continue
        if runs and runs[-1][-1].next() == week:
            runs[-1].append(week)
        else:
            runs.append([week])
    return runs


def _days(item: LibraryItem, week: Week) -> int:
    return item.season.days_in(week) if item.season else 0
