from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    """The part of authoring that says who learns what, in which order and by when."""

    name = "scenarios.training"
    label = "training"
    verbose_name = _("Training")

    def ready(self) -> None:
        import_module("scenarios.training.receivers")
