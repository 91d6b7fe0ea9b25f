from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FlightsConfig(AppConfig):
    """Simulated trainees try a scenario before people do; without that, it is not published."""

    name = "scoring.flights"
    label = "flights"
    verbose_name = _("Test flights")

    def ready(self) -> None:
        import_module("scoring.flights.gate").register()
