"""A recording inside JSON: `{"type": …, "data": {…, "full_audio": "<base64>"}}`, read in pieces."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any, BinaryIO

import orjson

from integrations.errors import ProviderInvalidAnswer
from integrations.inbound.base import PIECE, Body, InboundInvalid

LONG = 4096  # a string longer than this is no name, no id and no reason
MOST_REST = 4 * 1024 * 1024
_AUDIO = re.compile(rb'"full_audio"\s*:\s*"')
_MOST_BEFORE = 64  # bytes that the key, the colon and spaces may take
_STRING_END = re.compile(rb'["\\]')
_NOISE = b"\\\r\n\t "


def skimmed(body: Body) -> dict[str, Any]:
    """The body's JSON object with every long string left out. Raises `InboundInvalid`."""
    rest = bytearray()
    inside = escaped = False
    start = 0  # of the string in `rest`
    for piece in body.pieces():
        at = 0
        while at < len(piece):
            if escaped:
                rest += piece[at : at + 1]
                at, escaped = at + 1, False
                continue
            found = _STRING_END.search(piece, at) if inside else None
            end = piece.find(b'"', at) if not inside else (found.start() if found else -1)
            stop = len(piece) if end < 0 else end
            if not inside or len(rest) - start < LONG:
                rest += piece[at:stop]
            if inside and len(rest) - start >= LONG:
                del rest[start + LONG :]
            if len(rest) > MOST_REST:
                raise InboundInvalid("The body is too large.")
            if end < 0:
                break
            mark = piece[end : end + 1]
            if mark == b"\\":
                escaped = True
                rest += mark
            elif inside:
                if len(rest) - start >= LONG:
                    del rest[start:]  # cut anywhere, maybe within an escape: nothing of it is kept
                rest += mark
                inside = False
            else:
                rest += mark
                inside, start = True, len(rest)
            at = end + 1
    try:
        value = orjson.loads(bytes(rest))
    except ValueError:
        raise InboundInvalid("The body is not valid JSON.") from None
    if not isinstance(value, dict):
        raise InboundInvalid("The body must be a JSON object.")
    return value


def decoded(file: BinaryIO) -> Iterator[bytes]:
    """The sound, in pieces. Raises `ProviderInvalidAnswer` when there is none or it is damaged."""
    file.seek(0)
    window = b""
    while (match := _AUDIO.search(window)) is None:
        piece = file.read(PIECE)
        if not piece:
            raise ProviderInvalidAnswer("no sound in the message", provider="elevenlabs")
        window = window[-_MOST_BEFORE:] + piece
    text = window[match.end() :]
    left = b""
    while True:
        end = text.find(b'"')
        taken = left + (text if end < 0 else text[:end]).translate(None, _NOISE)
        whole = len(taken) if end >= 0 else len(taken) // 4 * 4
        left = taken[whole:]
        if whole:
            try:
                yield b64decode(taken[:whole], validate=True)
            except binascii.Error:
                raise ProviderInvalidAnswer("damaged sound", provider="elevenlabs") from None
        if end >= 0:
            return
        text = file.read(PIECE)
        if not text:
            raise ProviderInvalidAnswer("the sound breaks off", provider="elevenlabs")
