"""The shape of what is said about one signal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """`label`: its name. `good`: when it was there. `gap`: when it was not. `advice`: what to do next time, with a line to
    say. Braces name facts of the finding."""

    label: str
    good: str
    gap: str
    advice: str
