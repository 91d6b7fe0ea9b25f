"""What becomes of uploads in this organisation: its own rules, in order; what no rule speaks of is kept and scored."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.people import audit
from accounts.people.models import TeamMembership
from calls.uploads.models import CallUpload, UploadRule
from tenants.errors import InvalidInput

MOST_RULES = 30


def action_for(upload: CallUpload) -> str:
    """The action of the first rule that fits. The upload's length must be known."""
    rules = list(UploadRule.objects.order_by("position", "pk"))
    teams: set[Any] = set()
    if any(rule.team_id for rule in rules):
        teams = set(TeamMembership.objects.filter(user_id=upload.owner_id).values_list("team_id", flat=True))
    found = next((rule.action for rule in rules if fits(rule, upload, teams)), CallUpload.Action.SCORE)
    return str(found)


def fits(rule: UploadRule, upload: CallUpload, teams: set[Any]) -> bool:
    """Does every condition of the rule hold? `teams`: ids of the teams that the owner is in."""
    seconds = (upload.duration_ms or 0) / 1000
    return (
        (rule.shorter_than_s is None or seconds < rule.shorter_than_s)
        and (rule.longer_than_s is None or seconds > rule.longer_than_s)
        and rule.mode in {"", upload.mode}
        and rule.language in {"", upload.language}
        and (rule.team_id is None or rule.team_id in teams)
    )


@transaction.atomic
def add(*, values: dict[str, Any], actor: Any) -> UploadRule:
    """A rule at the end of the list. Raises `InvalidInput` beyond `MOST_RULES`, and for a rule that can never hold."""
    count = UploadRule.objects.count()
    if count >= MOST_RULES:
        raise InvalidInput(_("There are too many rules. Delete one first."))
    longer, shorter = values.get("longer_than_s"), values.get("shorter_than_s")
    if longer is not None and shorter is not None and longer >= shorter:
        raise InvalidInput(
            _("No call is longer than that and shorter than this at once."), details={"field": "shorter_than_s"}
        )
    rule = UploadRule.objects.create(**values, position=count)
    audit.record(actor, "upload_rule.added", rule, does=rule.action)
    return rule


@transaction.atomic
def remove(*, rule: UploadRule, actor: Any) -> None:
    audit.record(actor, "upload_rule.removed", rule, does=rule.action)
    rule.delete()
    _number(list(UploadRule.objects.order_by("position", "pk")))


@transaction.atomic
def move_up(*, rule: UploadRule, actor: Any) -> None:
    """Ask this rule before the one that stands above it."""
    rules = list(UploadRule.objects.select_for_update().order_by("position", "pk"))
    at = rules.index(rule)
    if at:
        rules[at - 1], rules[at] = rules[at], rules[at - 1]
        _number(rules)
        audit.record(actor, "upload_rule.moved", rule, position=at - 1)


def _number(rules: list[UploadRule]) -> None:
    for position, rule in enumerate(rules):
        UploadRule.objects.filter(pk=rule.pk).update(position=position)
