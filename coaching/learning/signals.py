"""What this layer tells those above it. Each is sent after commit; receivers only enqueue.

`assignment_completed(schema_name, enrolment_id)`: somebody passed every item of what was assigned.
`certificate_issued(schema_name, certificate_id)`: a certificate became valid.
`certificate_revoked(schema_name, certificate_id)`: one is valid no longer.
"""

from django.dispatch import Signal

assignment_completed = Signal()
certificate_issued = Signal()
certificate_revoked = Signal()
