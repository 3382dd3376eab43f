"""What the Zalo Bot Platform answers: one envelope around a few results. Whatever is added to them one day is ignored."""

from __future__ import annotations

import json
from typing import TypeVar

import httpx
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from bot.channels.zalo_errors import ZaloError, refusal, unreadable


class Told(BaseModel):
    """Numbers may come where words are expected."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)


class Me(Told):
    """Who this bot is. People open its chat at `https://zalo.me/<account_name>`."""

    account_name: str = ""


class Verification(Told):
    """What Zalo met when it called the webhook: `webhook.ok`, `webhook.http.*` or `webhook.err.*`."""

    ok: bool = False
    outcome: str = ""


class Webhook(Told):
    """A webhook as Zalo keeps it: also when its own call of the address failed."""

    url: str = ""
    verification: Verification | None = None


class Accepted(Told):
    """A message that Zalo took."""

    message_id: str = ""


class Envelope(Told):
    ok: bool
    result: JsonValue = None
    code: int | None = Field(None, validation_alias=AliasChoices("error_code", "errorCode"))
    description: str | None = None


_T = TypeVar("_T", bound=Told)


def envelope_of(answer: httpx.Response) -> Envelope | None:
    """Judged by `ok` alone: a failure may come with HTTP status 200. None: not what Zalo answers."""
    try:
        # Not by pydantic's own reader: it refuses a whole answer for one half of a split emoji in somebody's text.
        return Envelope.model_validate(json.loads(answer.content))
    except (ValidationError, ValueError, RecursionError):
        return None


def failure_of(told: Envelope | None, status: int) -> ZaloError:
    """A refusal that names no code has that of HTTP; 200 there says nothing of what happened."""
    if told is None:
        return unreadable(status)
    return refusal(told.code or (status if status >= 400 else 0), told.description or "")


def read_as(kind: type[_T], result: JsonValue) -> _T:
    """What was asked for. Accepted is accepted, even when its details cannot be read."""
    try:
        return kind.model_validate(result or {})
    except ValidationError:
        return kind()
