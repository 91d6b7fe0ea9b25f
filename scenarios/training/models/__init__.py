"""Tracks and programs, each a working copy with immutable versions, and who is to do them by when."""

from .assignments import Assignment
from .programs import Program, ProgramTrack, ProgramVersion
from .tracks import Track, TrackFile, TrackItem, TrackVersion

__all__ = [
    "Assignment",
    "Program",
    "ProgramTrack",
    "ProgramVersion",
    "Track",
    "TrackFile",
    "TrackItem",
    "TrackVersion",
]
