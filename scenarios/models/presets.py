"""Which of the shipped content an organisation has been given."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class PresetRecord(models.Model):
    """One preset was copied here once. What became of the copy is its authors' business: it is not brought again."""

    kind = models.CharField(max_length=20)  # as in scenarios.packages.KINDS
    key = models.CharField(max_length=80)
    language = models.CharField(max_length=5)
    installed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "key", "language"], name="scenarios_preset_record_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} ({self.language})"
