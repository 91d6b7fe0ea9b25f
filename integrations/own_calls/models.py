"""The ledger of requests that no organisation pays for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from integrations.models import LedgerEntry


class OwnCall(LedgerEntry):
    """A request with the installation's key and for the installation itself, such as a case in the trial of a judge.
    `reference`: what it was for, as `purpose` was told."""

    class Meta:
        verbose_name = _("request of the installation's own")
        verbose_name_plural = _("requests of the installation's own")
        ordering: ClassVar = ["-at"]
        indexes: ClassVar = [
            models.Index(fields=["-at"], name="own_calls_newest"),
            models.Index(fields=["reference"], name="own_calls_reference"),
        ]
