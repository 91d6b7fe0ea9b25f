from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExchangeConfig(AppConfig):
    """What an organisation remembers about content packages: what each brought, and whose signatures it trusts."""

    name = "scenarios.exchange"
    label = "exchange"
    verbose_name = _("Content packages")
