"""Signals of this layer, and who listens.

`call_completed(schema_name, call_id)`: sent after commit when a call has ended and can be scored. Receivers: scoring
(enqueues the quick and the deep track), reporting (statistics).

`call_submitted(schema_name, call_id)`: sent after commit when a call that was practised in private is handed in. The receiver
in scoring grades it.

`call_counts_changed(schema_name, call_id)`: sent after commit when an attempt was taken out of the numbers, or into them
again. Receivers: coaching (medals).

`quick_score_wanted(call_id)`: asked inside the organisation when `end/` is answered. The receiver in scoring returns
`{overall, summary}`, or None when it is not ready within the budget.

`assigned_call_wanted(user, assignment_id, item_key, scenario_id)`: asked inside the organisation before a call is made
that an assignment asks for. The receiver in coaching.learning returns a `calls.assigned.Wanted`, or raises why the call may
not begin.

`calls_going(call_ids)`: sent inside the organisation, in the transaction that deletes these calls because the person who made
them leaves. The receiver in scoring deletes what would hold them.
"""

from django.dispatch import Signal

call_completed = Signal()
call_submitted = Signal()
call_counts_changed = Signal()
quick_score_wanted = Signal()
assigned_call_wanted = Signal()
calls_going = Signal()
