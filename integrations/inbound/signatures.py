"""What vendors' signatures have in common: HMAC over raw bytes, in pieces, compared in constant time."""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterable, Sequence

from integrations.inbound.base import Body, InboundRefused

ALGORITHMS = frozenset({"sha1", "sha256", "sha512"})


def hmac_digests(
    body: Body, secrets: Sequence[bytes], *, prefix: bytes = b"", suffix: bytes = b"", algorithm: str = "sha256"
) -> list[bytes]:
    """One HMAC per secret over `prefix + body + suffix`; the body is read once, in pieces."""
    running = [hmac.new(secret, prefix, algorithm) for secret in secrets]
    for piece in body.pieces():
        for digest in running:
            digest.update(piece)
    for digest in running:
        digest.update(suffix)
    return [digest.digest() for digest in running]


def any_equal(ours: Iterable[str], theirs: Iterable[str]) -> bool:
    """Is one of theirs one of ours? Looks at every pair, so that time tells nothing."""
    found = False
    offered = [value.encode() for value in theirs]
    for mine in ours:
        for other in offered:
            found |= hmac.compare_digest(mine.encode(), other)
    return found


def fresh(timestamp: str, *, tolerance: int) -> int:
    """The sender's clock in whole seconds. Raises `InboundRefused` where it is not a number or too far from ours."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise InboundRefused("no_timestamp")
    seconds = int(timestamp)
    if abs(time.time() - seconds) > tolerance:
        raise InboundRefused("stale")
    return seconds


def secrets_of(webhook_secrets: Sequence[str]) -> list[bytes]:
    """The secrets as UTF-8. Raises `InboundRefused` when there is none: nothing passes unsigned."""
    usable = [secret.encode() for secret in webhook_secrets if secret]
    if not usable:
        raise InboundRefused("no_secret")
    return usable
