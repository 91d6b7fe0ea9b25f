"""What the debrief page shows: a call, its current score and its transcript, prepared for reading."""

from .page import SELECTED, Debrief, debrief_of

__all__ = ["SELECTED", "Debrief", "debrief_of"]
