"""Authoring in the organisation's admin. Importing the modules registers their pages."""

from . import personas, rubrics, scenarios

__all__ = ["personas", "rubrics", "scenarios"]
