"""Saying something into a live call from outside of it: to one that another process holds, or that is held by telephone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.errors import ProviderRefused
from integrations.resilience import call_provider
from integrations.vendors import VendorKeys
from integrations.voice.vapi.api import PROVIDER, VapiApi

SECONDS = 5.0


class VapiControl:
    """One call. Its control address is asked for each time: it is a key to the call, and we keep none. Blocking; methods
    raise a `ProviderError` and return False for a call that is over or unknown."""

    def __init__(self, call_id: str, *, keys: VendorKeys) -> None:
        self._call_id = call_id
        self._keys = keys
        self._api = VapiApi(keys)

    def say(self, text: str, *, then_end: bool = False) -> bool:
        return self._tell({"type": "say", "content": text, "endCallAfterSpoken": then_end})

    def mute(self, muted: bool) -> bool:
        """The buyer, not the trainee."""
        return self._tell({"type": "control", "control": "mute-assistant" if muted else "unmute-assistant"})

    def end(self) -> bool:
        return self._tell({"type": "end-call"})

    def _tell(self, message: Mapping[str, Any]) -> bool:
        def tell(_left: float | None) -> bool:
            call = self._api.call(self._call_id)
            monitor = call.get("monitor") if call is not None and call.get("status") != "ended" else None
            url = monitor.get("controlUrl") if isinstance(monitor, Mapping) else None
            if not isinstance(url, str):
                return False
            try:
                self._api.control(url, message)
            except ProviderRefused as error:
                if error.status == 404:  # it ended in between
                    return False
                raise
            return True

        return call_provider(PROVIDER, tell, seconds=SECONDS, account=self._keys.account)
