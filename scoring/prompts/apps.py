from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PromptsConfig(AppConfig):
    """The part of scoring that belongs to the platform: the judges' prompts and their trials."""

    name = "scoring.prompts"
    label = "prompts"
    verbose_name = _("Judges")

    def ready(self) -> None:
        post_migrate.connect(import_module("scoring.prompts.receivers").register_shipped, sender=self)
