"""What a fault of a voice service does to a call: one row for each service and fault, the data of docs/faults.md.

`python -m tests.calls.matrix` writes the table into the page. `test_fault_matrix` makes every row happen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
BEGIN, END = "<!-- matrix: begin -->", "<!-- matrix: end -->"

VENDORS = {"elevenlabs": "ElevenLabs", "vapi": "Vapi", "openai": "OpenAI", "embedded": "embedded engine"}
FAULTS = {
    "slow": "slow to answer the telephone",
    "refuse_401": "key refused (401)",
    "limit_429": "rate limit (429)",
    "broken_500": "server error (500)",
    "none_left": "server error, and no other service may be asked",
    "drop_mid_word": "connection gone in mid-word",
    "malformed_frame": "a frame that is none",
    "stall": "says nothing for 5 seconds",
    "duplicate_webhook": "webhook sent twice",
    "reordered_webhook": "webhooks out of order",
    "lost_webhook": "webhook lost",
}
TOLD = {
    "": "nothing",
    "switched": "a note: “Another voice service has taken over. You need not do anything.”",
    "no_provider": "“No voice service can be reached right now. This attempt was not used up: try again in a moment, or type instead.”",  # noqa: E501
    "slow": "“The voice service is slow. This will not count against you.”, and at the end that the attempt doesn't count",
}
ATTEMPT = {"counts": "counts", "void": "given back: doesn't count, scored for learning", "unused": "not used"}


@dataclass(frozen=True, slots=True)
class Row:
    """`served_by`: who speaks at the end; empty: nobody. `told`, `attempt`: keys of `TOLD` and `ATTEMPT`."""

    provider: str
    fault: str
    served_by: str
    told: str = ""
    attempt: str = "counts"

    @property
    def name(self) -> str:
        return f"{self.provider}-{self.fault}"


def _same(fault: str, *, told: str = "", attempt: str = "counts") -> list[Row]:
    return [Row(name, fault, name, told, attempt) for name in ("elevenlabs", "vapi", "openai")]


ROWS: tuple[Row, ...] = (
    *_same("slow"),
    *[
        Row(name, fault, "embedded", "switched")
        for fault in ("refuse_401", "limit_429", "broken_500")
        for name in ("elevenlabs", "vapi")
    ],
    *[Row("openai", fault, "openai") for fault in ("refuse_401", "limit_429", "broken_500")],
    *[Row(name, "none_left", "", "no_provider", "unused") for name in ("elevenlabs", "vapi")],
    Row("openai", "none_left", "openai"),
    *_same("drop_mid_word"),
    *_same("malformed_frame"),
    *[Row(name, "stall", name, "slow", "void") for name in ("elevenlabs", "vapi")],
    Row("openai", "stall", "openai"),
    *[
        Row(name, fault, name)
        for fault in ("duplicate_webhook", "reordered_webhook", "lost_webhook")
        for name in ("elevenlabs", "vapi")
    ],
)


def table() -> str:
    """The rows in Markdown."""
    lines = [
        "| voice service | fault | who speaks | what the trainee is told | the attempt |",
        "|---|---|---|---|---|",
    ]
    for row in sorted(ROWS, key=lambda row: list(FAULTS).index(row.fault)):
        speaks = VENDORS.get(row.served_by, "nobody")
        lines.append(
            f"| {VENDORS[row.provider]} | {FAULTS[row.fault]} | {speaks} | {TOLD[row.told]} | {ATTEMPT[row.attempt]} |"
        )
    return "\n".join(lines)


def with_table(page: str) -> str:
    """The page with the table as it is now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
