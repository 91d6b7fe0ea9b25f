"""Signals of this layer, and who listens.

`call_completed(schema_name, call_id)`: sent after commit when a call has ended and can be scored. Receivers: scoring
(enqueues the quick and the deep track), reporting (statistics).
"""

from django.dispatch import Signal

call_completed = Signal()
