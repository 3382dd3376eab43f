"""A message with buttons as words alone: what to type in place of each, and the way to the person's page. Pure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from airlog.budget import Month
from bot.channels.zalo_replies import codes, typed_form
from content import messages, zalo_messages
from content.week import Week
from content.wording import nfc
from scheduler.channel import Button, Outgoing

_ALWAYS = {
    messages.AIRED: "1",
    messages.CANNOT: "2",
    messages.SCRIPT: "3",
    messages.OTHER_TIME: "giờ khác",
    messages.UNDO: "hủy",
    messages.OWN_ITEM: "tin của đài",
}
"""Buttons that texts name also where they do not stand under the text itself."""


@dataclass(frozen=True)
class Around:
    """What the record knows about a chat and a message cannot say itself."""

    open_duties: tuple[int, ...] = ()
    """The person's duties that nobody has answered. Codes are shown only when there are several."""
    page_url: str = ""
    """The person's own signed link; empty while there is none."""
    month: Month = field(default_factory=Month)
    """What the bot has used of its month."""


_OF_A_WEEK = {"list": "danh sách", "nudge": "nhắc"}
"""Officers' buttons that carry a week; bot/officer_typed.py reads them."""

AroundChat = Callable[[str, str], Awaitable[Around]]
"""Asked before each message: (bot, chat id)."""


@dataclass(frozen=True)
class _Choice:
    act: str
    form: str
    label: str
    duty_id: int | None


def plain_text(message: Outgoing, around: Around) -> str:
    """The whole message in NFC: its words, the choices, the link. Sound, picture and document are only hinted at."""
    found = [choice for row in message.buttons for button in row if (choice := _choice(button))]
    named = {choice.duty_id for choice in found if choice.duty_id is not None}
    short = codes({*around.open_duties, *named})
    shown = short if max(len(around.open_duties), len(named)) > 1 else {}
    forms = _ALWAYS | {choice.label: _typed(choice, shown) for choice in reversed(found)}
    parts = [zalo_messages.without_buttons(message.text, forms.get)]
    if message.picture or message.document:
        parts.append(zalo_messages.ON_THE_PAGE)
    parts += _offered(found, shown)
    if around.page_url and any(choice.act in ("aired", "new", "cannot", "got") for choice in found):
        parts.append(zalo_messages.page(around.page_url))
    if around.month.is_thrifty and any(choice.act in ("aired", "new") for choice in found):
        parts.append(zalo_messages.THRIFT)
    return nfc("\n".join(part for part in parts if part))


def _offered(found: list[_Choice], shown: dict[int, str]) -> list[str]:
    aired = [c for c in found if c.act in ("aired", "new")]
    cannot = [c for c in found if c.act == "cannot"]
    if any(c.act == "reply" for c in found):
        # A question may be about an older week: “giờ khác” and “hủy” would be taken for this week's.
        found = [c for c in found if c.act == "reply"]
    lines, rest = [], found
    if len(aired) == len(cannot) == 1:
        lines.append(zalo_messages.aired_or_not(_typed(aired[0], shown), _typed(cannot[0], shown)))
        rest = [c for c in found if c not in (*aired, *cannot)]
    numbers = [c for c in rest if c.form[0].isdecimal() or c.act == "proofof"]
    lines += [zalo_messages.choice(_typed(c, shown), c.label) for c in numbers]
    words = [_typed(c, shown) for c in rest if c not in numbers]
    return [*lines, zalo_messages.words(words)] if words else lines


def _typed(choice: _Choice, shown: dict[int, str]) -> str:
    code = shown.get(choice.duty_id, "") if choice.duty_id is not None else ""
    return f"{choice.form} {code}".strip()


def _choice(button: Button) -> _Choice | None:
    act, duty_id, extra = _meaning(button.data)
    form = typed_form(act, extra) or _about_week(button.data)
    return _Choice(act, form, button.label, duty_id) if form else None


def _meaning(data: str) -> tuple[str, int | None, str]:
    """(act, duty, rest) of a button's data, with the acts as bot/channels/zalo_replies.py names them."""
    act, _, rest = data.partition(":")
    number, _, extra = rest.partition(":")
    if act == "recall":
        return {"": "known", "old": "old"}.get(extra, "other"), None, ""
    duty_id = int(number) if number.isdecimal() else None
    match act:
        case "aired" if extra:
            return "new", duty_id, ""
        case "aired" | "said":
            return "aired", duty_id, ""
        case "when" | "why" | "own" | "reply":
            return act, duty_id, extra
        case _:
            return act, duty_id, ""


def _about_week(data: str) -> str | None:
    act, _, label = data.partition(":")
    form = _OF_A_WEEK.get(act)
    return f"{form} tuần {Week.parse(label).number}" if form else None
