"""Why an officer excuses a station from a week: the reasons operators may give, and those only an officer may."""

from __future__ import annotations

EXCUSES: dict[str, str] = {
    "no_power": "Mất điện",
    "weather": "Bão, lũ, thời tiết xấu",
    "broken": "Hỏng loa, máy",
    "no_network": "Mất mạng",
    "tet": "Nghỉ Tết",
    "other": "Lý do khác",
}
MOST_WEEKS = 13
"""An excuse reaches at most a quarter of a year ahead; whoever needs longer looks at it again."""
