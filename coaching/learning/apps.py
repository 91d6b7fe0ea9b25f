from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LearningConfig(AppConfig):
    """How far people are with what was assigned to them, and the certificates they earn by it."""

    name = "coaching.learning"
    label = "learning"
    verbose_name = _("Learning")

    def ready(self) -> None:
        import_module("coaching.learning.receivers")
        import_module("coaching.learning.privacy")
