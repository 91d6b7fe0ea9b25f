"""Who gets which variant: by a hash of the person and the experiment, so that nobody ever changes sides. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

BUCKETS = 10_000


def bucket(*, salt: UUID, person_id: object) -> int:
    """0–9999; the same person always gets the same one in the same experiment."""
    digest = hashlib.sha256(f"{salt}:{person_id}".encode()).digest()
    return int.from_bytes(digest[:8]) % BUCKETS


def place_of(own: int, shares: Sequence[int]) -> int:
    """The index of the variant that a bucket falls to. `shares` are whole percent that add up to 100."""
    reached = 0
    for place, share in enumerate(shares):
        reached += share * BUCKETS // 100
        if own < reached:
            return place
    raise ValueError("the shares do not add up to 100")
