"""What this layer tells those above it.

`assigned(schema_name, assignment_id)`: sent after commit when an assignment was made, changed or withdrawn. Receivers only
enqueue (learning: who is enrolled in what; notices: who is told).

`track_published(schema_name, track_id)`: sent after commit when a track was published. Receivers only enqueue
(learning: whoever was asked and has not begun gets the new version).
"""

from django.dispatch import Signal

assigned = Signal()
track_published = Signal()
