"""Serving the pages inside our own loop: our signals, our port, a clean stop."""

from __future__ import annotations

import contextlib
import gc
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

_PORTS_TRIED = 50
GRACE_S = 5


class PageServer(uvicorn.Server):
    """uvicorn without its signal handlers: the process stops as a whole, in our order (bot/process.py)."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def page_server(app: FastAPI) -> PageServer:
    """A server that writes no access log: addresses of pages hold personal links."""
    config = uvicorn.Config(
        app, access_log=False, log_config=None, timeout_graceful_shutdown=GRACE_S, lifespan="off"
    )
    return PageServer(config)


def spare_the_collector() -> None:
    """What start-up made lives as long as the process: looked through at each full collection, it would hold up a page
    by a tenth of a second now and then (measured; benchmarks/ledger.py)."""
    gc.collect()
    gc.freeze()


def free_socket(host: str, port: int) -> socket.socket:
    """A listening socket on `port`, or on the next free one. Raises OSError when none of fifty is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    last: OSError | None = None
    for candidate in range(port, min(port + _PORTS_TRIED, 65_536)) if port else (0,):
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, candidate))
            listener.listen(128)
        except OSError as error:
            listener.close()
            last = error
            continue
        listener.setblocking(False)
        return listener
    raise last or OSError("no free port")
