"""What the pages of tracks and programs share. None of them is generated."""

from __future__ import annotations

from typing import Any

from scenarios.admin.base import AuthoredAdmin
from scenarios.training.models import Program, Track
from scenarios.training.publishing import differs_from_published


class TrainingAdmin(AuthoredAdmin):
    actions_list: Any = AuthoredAdmin.actions_list[1:]
    actions_detail: Any = ("preview",)
    search_fields = ("title", "summary", "key")

    def needs_publishing(self, item: Track | Program) -> bool:
        return differs_from_published(item)
