"""Listening in on a call that the vendor holds, over the socket it offers for that. Nothing can be said into it.

The address is asked for each time and stays here: whoever has it hears the call. What the sound looks like is told in a first
text frame or not at all; an account's options `listen_rate` (Hz) and `listen_channels` (2: the customer first) say it then.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Any

import numpy as np
import orjson

from integrations.vendors import VendorKeys
from integrations.voice import upstream
from integrations.voice.records import OverheardSound
from integrations.voice.vapi.api import PROVIDER, VapiApi
from integrations.voice.vapi.assistant import RATE

MOST_WAITING = 500  # frames; a listener that is slower than that misses some
SLOWEST, FASTEST = 8000, 48_000
SIDES = ("user", "assistant")


async def listen(conversation_id: str, *, keys: VendorKeys) -> AsyncGenerator[OverheardSound]:
    """The call's sound as it comes, until the call or its socket is over; nothing at all for a call that nobody may listen
    to. Raises a `ProviderError`."""
    api = VapiApi(keys)
    call = await asyncio.to_thread(api.call, conversation_id)
    url = _address(call, keys)
    if url is None:
        return
    frames: asyncio.Queue[bytes | None] = asyncio.Queue()
    form = Form(keys.options)

    def take(pcm: bytes) -> None:
        if frames.qsize() < MOST_WAITING:
            frames.put_nowait(pcm)

    public_key = keys.options.get("public_key", "")
    line = await upstream.connect(
        url,
        provider=PROVIDER,
        on_text=form.told,
        on_binary=take,
        on_closed=lambda _code: frames.put_nowait(None),
        headers={"Authorization": f"Bearer {public_key}"} if public_key else {},
    )
    try:
        while (pcm := await frames.get()) is not None:
            for sound in form.apart(pcm):
                yield sound
    finally:
        line.close()


def _address(call: Mapping[str, Any] | None, keys: VendorKeys) -> str | None:
    monitor = call.get("monitor") if call is not None and call.get("status") != "ended" else None
    url = monitor.get("listenUrl") if isinstance(monitor, Mapping) else None
    # Unencrypted only where the whole account is: a stand-in.
    allowed = ("wss://", "ws://") if keys.base_url.startswith("http://") else ("wss://",)
    return url if isinstance(url, str) and url.startswith(allowed) else None


class Form:
    """How the sound is laid out, and its sides apart."""

    def __init__(self, options: Mapping[str, str]) -> None:
        self.rate = _whole(options.get("listen_rate"), SLOWEST, FASTEST) or RATE
        self.channels = _whole(options.get("listen_channels"), 1, 2) or 1
        self._odd = b""  # the part of a sample that a frame's end cut off

    def told(self, text: bytes) -> None:
        """A text frame: the first may say how the sound is laid out; others are news of the call, which come elsewhere."""
        try:
            told = orjson.loads(text)
        except orjson.JSONDecodeError:
            return
        if isinstance(told, dict):
            self.rate = _whole(told.get("sampleRate"), SLOWEST, FASTEST) or self.rate
            self.channels = _whole(told.get("channels"), 1, 2) or self.channels

    def apart(self, pcm: bytes) -> Iterator[OverheardSound]:
        pcm = self._odd + pcm
        whole = len(pcm) // (2 * self.channels) * 2 * self.channels
        pcm, self._odd = pcm[:whole], pcm[whole:]
        if not pcm:
            return
        if self.channels == 1:
            yield OverheardSound("", self.rate, pcm)
            return
        samples = np.frombuffer(pcm, dtype="<i2").reshape(-1, 2)
        for side, role in enumerate(SIDES):
            yield OverheardSound(role, self.rate, samples[:, side].tobytes())


def _whole(value: Any, least: int, most: int) -> int | None:
    """A whole number in these bounds, out of JSON or an option's text."""
    try:
        number = int(value)
    except (TypeError, ValueError):
        return None
    return number if least <= number <= most else None
