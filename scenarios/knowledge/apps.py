from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KnowledgeConfig(AppConfig):
    """What an organisation wrote down for its people: documents, cut into passages that can be found by meaning."""

    name = "scenarios.knowledge"
    label = "knowledge"
    verbose_name = _("Knowledge base")
