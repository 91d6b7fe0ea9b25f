from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TakeOutConfig(AppConfig):
    """An organisation takes everything along."""

    name = "reporting.takeout"
    label = "takeout"
    verbose_name = _("Taking everything along")

    def ready(self) -> None:
        import_module("reporting.takeout.tasks")
