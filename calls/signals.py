"""Signals of this layer, and who listens.

`call_completed(schema_name, call_id)`: sent after commit when a call has ended and can be scored. Receivers: scoring
(enqueues the quick and the deep track), reporting (statistics).

`quick_score_wanted(call_id)`: asked inside the organisation when `end/` is answered. The receiver in scoring returns
`{overall, summary}`, or None when it is not ready within the budget.
"""

from django.dispatch import Signal

call_completed = Signal()
quick_score_wanted = Signal()
