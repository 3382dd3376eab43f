"""Keeps secrets out of the logs.

The request line of every Bot API call carries the bot's token, so the libraries that log request lines are
quieted, and whatever still mentions a token is blotted out before any handler sees it.
"""

from __future__ import annotations

import logging
import re
import traceback

_TOKEN = re.compile(r"(bot\d+|\b\d{6,})(:|%3A)[\w-]{6,}", re.IGNORECASE)
"""A token in a URL (/bot123456:secret/getMe) or alone (123456:secret)."""

_CHATTY = ("httpx", "httpcore", "telegram")
"""The last one logs whole messages at DEBUG: names and texts of people."""


def without_tokens(text: str) -> str:
    """The text with the secret half of every bot token replaced; the bot's number stays readable."""
    return _TOKEN.sub(r"\1:***", text)


def quiet_secrets() -> None:
    """Set the request loggers to WARNING and blot tokens out of every record, tracebacks too.

    A filter would have to sit on every handler, those of other libraries included; the record factory is the
    one place each record passes. Safe to call again.
    """
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.setLogRecordFactory(CleanRecord)


class CleanRecord(logging.LogRecord):
    """A log record whose message and traceback name no token."""

    def getMessage(self) -> str:
        return without_tokens(super().getMessage())

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if self.exc_info and self.exc_info[0] is not None:
            # Formatters print exc_text when it is there instead of formatting exc_info again.
            self.exc_text = without_tokens("".join(traceback.format_exception(*self.exc_info)).rstrip("\n"))
