"""Numbers about a call that need no judge: pure functions of the transcript, the same every time."""

from .calls import CallMetrics, measure

__all__ = ["CallMetrics", "measure"]
