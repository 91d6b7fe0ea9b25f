from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GenerationConfig(AppConfig):
    """Drafts that are made for authors, and the jobs that make them."""

    name = "scenarios.generation"
    label = "generation"
    verbose_name = _("Generated drafts")
