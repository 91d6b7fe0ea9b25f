from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogueConfig(AppConfig):
    """The part of integrations that the installation owns: which models its vendors serve. It lives in `public`."""

    name = "integrations.catalogue"
    label = "catalogue"
    verbose_name = _("Language models")
