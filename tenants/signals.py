"""Signals of this layer, and who listens.

`organization_opened(organization)`: sent inside the new schema. Receivers: scenarios (preset content).
`owner_named(organization, email)`: an operator opened an organisation for this person. Receivers: accounts (membership
or invitation).
"""

from django.dispatch import Signal

organization_opened = Signal()
owner_named = Signal()
