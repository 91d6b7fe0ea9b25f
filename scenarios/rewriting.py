"""Taking over a proposal of the linter into a rubric's draft."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from integrations.embeddings.base import Encoder
from tenants.errors import Conflict

from .authoring import ChangedMeanwhile
from .models import Criterion, Rubric, Status
from .publishing import locked, touch
from .validation import check_rubric


@transaction.atomic
def take_over(
    *, rubric: Rubric, rule: str, criterion: str, encoder: Encoder | None = None, expected: int | None = None
) -> Rubric:
    """Change the draft as the linter proposes for one criterion ("" for the weights). What is published stays as it is.

    The rubric is looked through again, so an old page cannot bring back what was settled since. Raises `Conflict` where the
    remark is no longer there or only its author can know the better words, `ChangedMeanwhile` where `expected` is not the
    present revision.
    """
    rubric = locked(rubric)
    if rubric.status == Status.ARCHIVED:
        raise Conflict(_("This is archived. Restore it before changing it."))
    if expected is not None and rubric.revision != expected:
        raise ChangedMeanwhile()
    notes = [
        note for note in check_rubric(rubric, encoder=encoder) if note.rule == rule and note.criterion == criterion
    ]
    if not notes:
        raise Conflict(_("This was settled in the meantime; look at the rubric as it is now."))
    if not notes[0].changes:
        raise Conflict(_("Only you can know the words here; edit the criterion."))
    rows = {row.key: row for row in rubric.criteria.all()}
    last = max((row.position for row in rows.values()), default=0)
    for key, values in notes[0].changes.items():
        if values is None:
            rows[key].delete()
            continue
        row = rows.get(key)
        if row is None:
            last += 1
            row = Criterion(rubric=rubric, key=key, position=last)
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
    touch(item=rubric)
    return rubric
