"""Weights that do not add up, and the nearest ones that do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from .findings import Draft, Finding

WHOLE = 100


def weights(items: Sequence[Draft]) -> Iterator[Finding]:
    total = sum(item.weight for item in items)
    if not items or total == WHOLE:
        return
    message = _("The weights add up to %(total)d; they must add up to 100.") % {"total": total}
    scaled = scaled_to_whole(items)
    proposal = ", ".join(f"{item.name}: {scaled[item.key]}" for item in items if item.key in scaled)
    yield Finding(
        rule="weights",
        key="",
        field="criteria",
        words=str(total),
        message=message,
        proposal=proposal,
        changes={key: {"weight": weight} for key, weight in scaled.items()},
        blocks=True,
    )


def scaled_to_whole(items: Sequence[Draft]) -> dict[str, int]:
    """The same proportions, adding up to 100; what rounding loses goes to the largest remainders. Blockers carry none, and
    where nothing weighs anything all weigh alike."""
    counted = [item for item in items if item.kind != "blocker"]
    total = sum(item.weight for item in counted)
    if not counted:
        return {}
    shares = [(WHOLE * item.weight, total) if total else (WHOLE, len(counted)) for item in counted]
    result = {item.key: top // bottom for item, (top, bottom) in zip(counted, shares, strict=True)}
    by_remainder = sorted(
        zip(counted, shares, strict=True), key=lambda pair: (-(pair[1][0] % pair[1][1]), pair[0].index)
    )
    for item, _share in by_remainder[: WHOLE - sum(result.values())]:
        result[item.key] += 1
    return {**result, **{item.key: 0 for item in items if item.kind == "blocker"}}
