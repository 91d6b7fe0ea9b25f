from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Parley"

    def ready(self) -> None:
        # Registers the system checks, and the Celery app that shared tasks bind to.
        from . import celery, checks  # noqa: F401, PLC0415
