from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    """The part of accounts that tells people what happened, and how each wants to be told."""

    name = "accounts.notices"
    label = "notices"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        import_module("accounts.notices.privacy")
        import_module("accounts.notices.receivers")
