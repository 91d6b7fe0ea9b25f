"""What a check found, as plain data: a code and its values; the words for it are in `wording`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """`blocks`: publishing is refused; else it is only worth a look. `trainee` and `seed` name the run, `seq` its turn and
    `quote` the words, where it is about one. `values` fill the sentence of `code`."""

    code: str
    blocks: bool = True
    values: Mapping[str, Any] = field(default_factory=dict)
    trainee: str = ""
    seed: int = 0
    seq: int = 0
    quote: str = ""
    buyer: str = ""  # "model": in a call whose buyer a language model worded

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "blocks": self.blocks,
            "values": dict(self.values),
            "trainee": self.trainee,
            "seed": self.seed,
            "seq": self.seq,
            "quote": self.quote,
            "buyer": self.buyer,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        return cls(**data)
