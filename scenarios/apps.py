from django.apps import AppConfig


class ScenariosConfig(AppConfig):
    name = "scenarios"
    verbose_name = "Scenarios"

    def ready(self) -> None:
        from . import receivers  # noqa: F401, PLC0415  (models must be loaded first)
