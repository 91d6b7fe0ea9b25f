"""The conversation engine: a buyer made of rules, sentence embeddings and an author's words. Knows no Django."""

from calls.engine.buyer import Buyer
from calls.engine.ensemble import Ensemble, player
from calls.engine.replies import HangUp, Reply, TraceEntry

__all__ = ["Buyer", "Ensemble", "HangUp", "Reply", "TraceEntry", "player"]
