from importlib import import_module

from django.apps import AppConfig


class TellingConfig(AppConfig):
    """Notices about learning. It keeps nothing of its own."""

    name = "coaching.telling"
    label = "telling"

    def ready(self) -> None:
        import_module("coaching.telling.receivers")
