"""Sockets of an organisation; the prefix is off the path already."""

from __future__ import annotations

from channels.routing import URLRouter

socket_routes = URLRouter([])
