from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """The part of accounts that an organisation owns: teams, invitations, tokens, consents, the audit trail."""

    name = "accounts.people"
    label = "people"
    verbose_name = _("People")
