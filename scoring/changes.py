"""What this layer tells those above it.

`score_changed(schema_name, call_id)`: sent after commit when what counts as a call's score has changed. Receivers only
enqueue or drop caches (reporting).
"""

from django.dispatch import Signal

score_changed = Signal()
