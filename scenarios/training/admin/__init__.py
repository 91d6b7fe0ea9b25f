"""Tracks, programs and assignments in the organisation's admin. Importing the modules registers their pages."""

from . import assignments, programs, tracks

__all__ = ["assignments", "programs", "tracks"]
