from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OwnCallsConfig(AppConfig):
    """What the installation asks language models for itself, in nobody's organisation. It lives in `public`."""

    name = "integrations.own_calls"
    label = "own_calls"
    verbose_name = _("Language models")
