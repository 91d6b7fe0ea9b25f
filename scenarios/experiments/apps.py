from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExperimentsConfig(AppConfig):
    """Two or more versions of the same thing, given to people by lot, to see which serves them better."""

    name = "scenarios.experiments"
    label = "experiments"
    verbose_name = _("Experiments")
