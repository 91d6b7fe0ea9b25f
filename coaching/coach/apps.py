from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoachConfig(AppConfig):
    """A conversation with a coach that knows the organisation's documents and a trainee's own debriefs."""

    name = "coaching.coach"
    label = "coach"
    verbose_name = _("Coach")

    def ready(self) -> None:
        import_module("coaching.coach.privacy")
