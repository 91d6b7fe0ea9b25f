"""`python -m config.runtime.serve`: HTTP and sockets by uvicorn.

The listening socket is inherited from the supervisor where there is one: it stays open while a crashed web process is
started again, so that browsers wait for a second instead of being refused. Otherwise `HOST` and `PORT` say where to listen.
"""

from __future__ import annotations

import os
import socket
import threading

import uvicorn

from config.runtime.heap import settle
from config.runtime.sockets import SocketProtocol

INHERITED = "PARLEY_WEB_SOCKET"


def configuration() -> uvicorn.Config:
    return uvicorn.Config(
        "config.asgi:application",
        host=os.environ.get("HOST", "127.0.0.1"),
        port=int(os.environ.get("PORT", "8000")),
        loop="uvloop",
        ws=SocketProtocol,
        # Compression costs 175 KB of memory a call and saves nothing: audio does not compress.
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,  # Django's LOGGING, which also keeps the signed addresses of sockets out
        access_log=False,  # config.middleware writes one line a request, with its id
        timeout_graceful_shutdown=6,
        proxy_headers=True,
        forwarded_allow_ips=os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1"),
    )


class Server(uvicorn.Server):
    """Settles once everything is loaded."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        threading.Thread(target=settle_when_loaded, name="settle", daemon=True).start()


def settle_when_loaded() -> None:
    """Voices are loaded beside the first requests, addresses and what stands behind them by the first of these."""
    from django.urls import get_resolver  # noqa: PLC0415  (Django is set up by the application)

    from config.asgi import warming  # noqa: PLC0415

    assert get_resolver().url_patterns
    if warming is not None:
        warming.join()
    settle()


def main() -> None:
    server = Server(configuration())
    descriptor = os.environ.get(INHERITED)
    server.run(sockets=[socket.socket(fileno=int(descriptor))] if descriptor else None)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    main()
