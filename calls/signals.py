"""Signals of this layer, and who listens.

`call_completed(schema_name, call_id)`: sent after commit when a call has ended and can be scored. Receivers: scoring
(enqueues the quick and the deep track), reporting (statistics).

`quick_score_wanted(call_id)`: asked inside the organisation when `end/` is answered. The receiver in scoring returns
`{overall, summary}`, or None when it is not ready within the budget.

`calls_going(call_ids)`: sent inside the organisation, in the transaction that deletes these calls because the person who made
them leaves. The receiver in scoring deletes what would hold them.
"""

from django.dispatch import Signal

call_completed = Signal()
quick_score_wanted = Signal()
calls_going = Signal()
