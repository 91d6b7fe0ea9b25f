"""`python -m config.runtime.serve`: HTTP and sockets by uvicorn.

The listening socket is inherited from the supervisor where there is one: it stays open while a crashed web process is
started again, so that browsers wait for a second instead of being refused. Otherwise `HOST` and `PORT` say where to listen.
"""

from __future__ import annotations

import os
import socket

import uvicorn

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


def main() -> None:
    server = uvicorn.Server(configuration())
    descriptor = os.environ.get(INHERITED)
    server.run(sockets=[socket.socket(fileno=int(descriptor))] if descriptor else None)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    main()
