"""A campaign from the chat: number of weeks, first week, hour, preview, launch. The buttons carry the choices."""

from __future__ import annotations

import re
from datetime import time

from airlog import access, area_rights, campaigns, reach
from airlog.campaigns import BadCampaign, Order
from airlog.db import Session
from airlog.scope import Scope, scope_name
from airlog.types import CampaignState
from bot.desk import Caller
from bot.replies import in_pairs, say
from content import campaign_messages, ladder_messages, messages
from content.week import Week
from scheduler.channel import Answer, Button

_HOURS = ((0, "0530"), (0, "0730"), (1, "0730"), (2, "1600"))
_CHOICES = re.compile(r"[0-9]{1,2}(:[0-9]{1,2}(:[0-6]-([01][0-9]|2[0-3])[0-5][0-9])?)?")


def start(session: Session, caller: Caller) -> Answer:
    """/chiendich: how many weeks."""
    access.require(session, caller.person, access.ADMINS, "campaign", caller.now)
    buttons = [Button(f"{count} tuần", f"camp:{count}") for count in (1, 4, 13, 26)]
    return say(campaign_messages.WEEKS, in_pairs(buttons))


def press(session: Session, caller: Caller, data: str) -> Answer:
    """`weeks[:offset[:day-hour[:go]]]`: one choice more with each press. `launch-ID` and `drop-ID` end it."""
    access.require(session, caller.person, access.ADMINS, "campaign", caller.now)
    step, _, number = data.partition("-")
    if step in ("launch", "drop") and number.isdecimal():
        return _finish(session, caller, step, int(number[:9]))
    if not _CHOICES.fullmatch(data):
        return say(messages.NOT_UNDERSTOOD)
    parts = data.split(":")
    match len(parts):
        case 1:
            this = Week.of(caller.now)
            free = campaigns.first_free_week(session, Scope.parse(_scope(session, caller)), this)
            offsets = [(free.monday - this.monday).days // 7 + later for later in (0, 1, 2)]
            choices = [(campaign_messages.week_choice(this.shift(n)), f"camp:{data}:{n}") for n in offsets]
            return say(campaign_messages.START, tuple((Button(label, to),) for label, to in choices))
        case 2:
            choices = [(campaign_messages.hour_choice(day, hour), f"{day}-{hour}") for day, hour in _HOURS]
            hours = [Button(label, f"camp:{data}:{chosen}") for label, chosen in choices]
            return say(campaign_messages.HOUR, in_pairs(hours))
        case _:
            return _preview(session, caller, parts)


def _preview(session: Session, caller: Caller, parts: list[str]) -> Answer:
    """Make the campaign (not launched) and show who gets what when."""
    day, _, clock = parts[2].partition("-")
    scope = _scope(session, caller)
    first = Week.of(caller.now).shift(int(parts[1]))
    name = campaign_messages.name(first, scope_name(session, Scope.parse(scope)))
    order = Order(name, scope, first, int(parts[0]), int(day), time(int(clock[:2]), int(clock[2:])))
    campaign = campaigns.plan_campaign(session, order, caller.person, caller.now)
    found = reach.reach(session, scope, caller.desk.channels, caller.now)
    rows = [(Week.parse(r.week), r.send_at, r.version.item.title) for r in campaign.rundowns]
    text = campaign_messages.preview(
        campaign.name, found.stations, found.operators, len(found.without_chat), rows
    )
    ladder, send_at = caller.desk.ladder, rows[0][1]
    if ladder.is_quiet(send_at):
        text += "\n" + ladder_messages.item_in_quiet_hours(send_at, ladder.after_quiet(send_at))
    buttons = (
        Button("Khởi chạy", f"camp:launch-{campaign.id}", "good"),
        Button("Bỏ", f"camp:drop-{campaign.id}"),
    )
    return say(text, (buttons,))


def _finish(session: Session, caller: Caller, step: str, campaign_id: int) -> Answer:
    """Both buttons stay under the preview: what is running is not dropped by a stray tap, nor the other way."""
    campaign = campaigns.campaign_by_id(session, campaign_id)
    area_rights.require_area(session, caller.person, access.ADMINS, campaign.scope, "campaign", caller.now)
    if step == "launch" and campaign.state is not CampaignState.STOPPED:
        campaigns.launch(session, campaign, caller.person, caller.now)
    elif step == "drop" and campaign.state is CampaignState.PLANNED:
        campaigns.stop(session, campaign, caller.person, caller.now)
    if campaign.state is CampaignState.STOPPED:
        return say(campaign_messages.dropped(campaign.name))
    if step == "drop":
        return say(campaign_messages.runs(campaign.name))
    return say(campaign_messages.launched(campaign.name))


def _scope(session: Session, caller: Caller) -> str:
    """The admin's area; when no mandate covers all of it, the widest area with a mandate that lies in it."""
    mine = area_rights.scopes_of(session, caller.person, access.ADMINS, caller.now)
    for scope in mine:
        try:
            campaigns.mandate_for(session, Scope.parse(scope))
        except BadCampaign:
            continue
        return scope
    widest = campaigns.widest_scope(session)
    inside = area_rights.covers(session, caller.person, access.ADMINS, widest, caller.now)
    return widest if inside else mine[0]
