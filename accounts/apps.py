from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        from . import openapi, receivers  # noqa: F401, PLC0415  (models must be loaded first)
