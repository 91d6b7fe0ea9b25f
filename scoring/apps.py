from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScoringConfig(AppConfig):
    name = "scoring"
    verbose_name = _("Scoring")

    def ready(self) -> None:
        import_module("scoring.receivers")
        import_module("scoring.privacy")
        import_module("scoring.impact.gate").register()
        import_module("scoring.injection.documents").register()
