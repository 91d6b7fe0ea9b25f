"""Writing working copies: one row with its children, all or nothing. Input has been through `scenarios.serializers`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.errors import Conflict, DomainError

from .models import Persona, Rubric, Status
from .models.versions import WorkingCopy
from .publishing import archive, locked, scenarios_with, versions_of

Copy = TypeVar("Copy", bound=WorkingCopy)


class ChangedMeanwhile(DomainError):
    """Somebody else saved between reading and writing."""

    code = "PRECONDITION_FAILED"
    http_status = 412
    default_message = gettext_lazy("Somebody else changed this in the meantime. Read it again and repeat your change.")


@transaction.atomic
def create(*, model: type[Copy], values: Mapping[str, Any], children: Mapping[str, type[Model]], **extra: Any) -> Copy:
    """A new draft from validated values; `children` says which of them are lists of child rows."""
    own = {name: value for name, value in values.items() if name not in children}
    item = model(**own, **extra)
    item.save(force_insert=True)
    for name in children:
        _write_children(item, name, values.get(name, []))
    return item


@transaction.atomic
def update(
    *, item: Copy, values: Mapping[str, Any], children: Mapping[str, type[Model]], expected: int | None = None
) -> Copy:
    """Change what `values` names; lists of children are replaced whole, matched by key.

    Raises `ChangedMeanwhile` where `expected` is not the present revision, `Conflict` for something archived.
    """
    item = locked(item)
    if expected is not None and item.revision != expected:
        raise ChangedMeanwhile()
    if item.status == Status.ARCHIVED:
        raise Conflict(_("This is archived. Restore it before changing it."))
    for name, value in values.items():
        if name not in children:
            setattr(item, name, value)
    item.revision += 1
    item.save()
    for name in children:
        if name in values:
            _write_children(item, name, values[name])
    return item


@transaction.atomic
def discard(*, item: WorkingCopy) -> bool:
    """Delete a draft that was never published; archive anything else. True where the row is gone.

    Raises `Conflict` where something in use needs it.
    """
    relations = ("track_items", "program_tracks", "assignments")
    used = any(getattr(item, name).exists() for name in relations if hasattr(item, name))
    used = used or (isinstance(item, Persona | Rubric) and scenarios_with(item).exists())
    if used or versions_of(item).exists():
        archive(item=item)
        return False
    item.delete()
    return True


def _write_children(item: WorkingCopy, name: str, rows: list[dict[str, Any]]) -> None:
    """Replace the child rows: nothing outside of the working copy points at them, versions hold copies of their text."""
    manager = getattr(item, name)
    manager.all().delete()
    manager.bulk_create(
        manager.model(**{manager.field.name: item}, **row, position=position) for position, row in enumerate(rows)
    )
