"""HTTP and sockets. Order on a socket: organisation → session user → membership → the consumer."""

from __future__ import annotations

import os
import threading

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
http_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402  (Django must be set up first)
from django.conf import settings  # noqa: E402

from accounts.sockets import SessionUserMiddleware  # noqa: E402
from calls.routing import socket_routes  # noqa: E402
from integrations.voice.routing import warm  # noqa: E402
from tenants.sockets import OrganizationSocketMiddleware  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": http_application,
        "websocket": OrganizationSocketMiddleware(SessionUserMiddleware(socket_routes)),
    }
)

# Loads the voices, if it is there; who serves may wait for it.
warming = threading.Thread(target=warm, name="warm-voices", daemon=True) if settings.SPEECH_WARM else None
if warming is not None:
    warming.start()
