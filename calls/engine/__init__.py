"""The conversation engine: a buyer made of rules, sentence embeddings and an author's words. Knows no Django."""

from calls.engine.buyer import Buyer
from calls.engine.replies import HangUp, Reply, TraceEntry

__all__ = ["Buyer", "HangUp", "Reply", "TraceEntry"]
