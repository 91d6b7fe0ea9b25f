"""What people made for themselves, apart from the library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

OWN, EVERYTHING = "own", "all"


class LibraryFilter(admin.SimpleListFilter):
    """The library, unless something else is asked for: drafts of people who practise are many, and nobody asked for them."""

    title = gettext_lazy("whose")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(OWN, gettext_lazy("made by people for themselves")), (EVERYTHING, gettext_lazy("all"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == EVERYTHING:
            return queryset
        library = queryset.model._default_manager.of_the_library()
        if self.value() == OWN:
            return queryset.exclude(pk__in=library.values("pk"))
        return queryset.filter(pk__in=library.values("pk"))

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The first is the library, where other filters have "all"."""
        first, *others = super().choices(changelist)
        yield {**first, "display": gettext_lazy("the library")}
        yield from others
