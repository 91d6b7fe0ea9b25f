"""Keys that sheets and files call things by."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _


class Keyed(models.Model):
    """A working copy with a key of its own; without one it is made from the title, and stays."""

    key = models.SlugField(
        _("key"),
        max_length=80,
        unique=True,
        blank=True,
        help_text=_("How a sheet of assignments calls it. Empty: made from the title."),
    )
    title = models.CharField(_("title"), max_length=160)
    summary = models.CharField(_("summary"), max_length=300, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.key:
            self.key = self.free_key()
        super().save(*args, **kwargs)

    def free_key(self) -> str:
        base = slugify(self.title)[:70].strip("-") or "item"
        taken = set(
            type(self)._default_manager.filter(key__startswith=base).exclude(pk=self.pk).values_list("key", flat=True)
        )
        key, number = base, 1
        while key in taken:
            number += 1
            key = f"{base}-{number}"
        return key
