"""What the debrief page shows: a call, its current score and its transcript, prepared for reading."""

from .page import Debrief, debrief_of

__all__ = ["Debrief", "debrief_of"]
