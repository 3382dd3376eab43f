"""One Chromium for all browser tests of a process.

Playwright's synchronous form keeps an event loop running in this thread, in which no asynchronous test can run. So the
browser tests come first (tests/conftest.py puts them there), and the browser is closed before the first other test.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_stack = ExitStack()
_opened: list[Browser] = []


def shared_browser() -> Browser:
    """The browser of this process, started when the first test asks."""
    from tests.serving import browsing

    if not _opened:
        _opened.append(_stack.enter_context(browsing()))
    return _opened[0]


def close_shared_browser() -> None:
    _opened.clear()
    _stack.close()
