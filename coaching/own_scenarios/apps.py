from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OwnScenariosConfig(AppConfig):
    """Scenarios that people make for themselves, where their organisation allows it."""

    name = "coaching.own_scenarios"
    label = "own_scenarios"
    verbose_name = _("Scenarios people made for themselves")

    def ready(self) -> None:
        import_module("coaching.own_scenarios.privacy")
