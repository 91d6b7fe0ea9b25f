from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Parley"

    def ready(self) -> None:
        from . import checks  # noqa: F401, PLC0415  (registers the system checks)
