"""Signals of this layer, and who listens. Both are sent inside an organisation's schema.

`personal_data_requested(user, organization)`: each receiver returns `(section, JSON-able data)` for the person's export.
`person_erased(user, organization)`: sent in the transaction of the erasure; receivers delete or anonymise what their app
keeps about the person in this organisation.
"""

from django.dispatch import Signal

personal_data_requested = Signal()
person_erased = Signal()
