"""Drafts without a language model: written templates, filled with what was given. The same input gives the same draft.

What is said of the seller and the market comes from the material, word for word, and says where from. The buyer, who does not
exist, is made up from the templates.
"""

from .persona import gatekeeper, persona
from .rubric import rubric
from .scenario import scenario

MADE_BY = "embedded"
VERSION = "templates-1"

__all__ = ["MADE_BY", "VERSION", "gatekeeper", "persona", "rubric", "scenario"]
