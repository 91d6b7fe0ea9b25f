from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScenariosConfig(AppConfig):
    name = "scenarios"
    verbose_name = _("Authoring")

    def ready(self) -> None:
        from . import receivers  # noqa: F401, PLC0415  (models must be loaded first)
