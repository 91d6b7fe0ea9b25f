from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GoalsConfig(AppConfig):
    """What people set out to reach, the days they practise on, and the medals that follow from their calls."""

    name = "coaching.goals"
    label = "goals"
    verbose_name = _("Goals")

    def ready(self) -> None:
        import_module("coaching.goals.receivers")
        import_module("coaching.goals.privacy")
