"""Which models of a vendor are asked, and which are gone. One list for the whole installation, in `public`."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

# The place of the model that the vendor's setting names; spare ones stand behind it.
FIRST, SPARE = 10, 20


class ProviderModel(models.Model):
    """A model that may be asked, by the vendor's own name for it; for one kind of work or, without one, for all.

    `retired_at`: since when the vendor serves it no more. The next model in line has taken over by then.
    """

    vendor = models.CharField(_("vendor"), max_length=20)
    name = models.CharField(_("model"), max_length=120)
    task = models.CharField(
        _("only for"), max_length=20, blank=True, help_text=_("quick or deep. Empty: for every kind of work.")
    )
    position = models.PositiveSmallIntegerField(
        _("place in line"),
        default=SPARE,
        help_text=_("The lowest is asked first; the model that the vendor's setting names stands at 10."),
    )
    retired_at = models.DateTimeField(_("not served since"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("language model")
        verbose_name_plural = _("language models")
        ordering: ClassVar = ["vendor", "position", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["vendor", "name", "task"], name="catalogue_model_once"),
        ]

    def __str__(self) -> str:
        return f"{self.vendor} {self.name}"
