"""Content from here to another organisation, by somebody who authors in both: choose, see what it would do there, confirm."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scenarios import packages
from scenarios.models import Status
from scenarios.packages import staging
from scenarios.packages.files import Place, kept_by
from scenarios.packages.promoting import others_of
from tenants.context import current_organization, organization_context
from tenants.models import Organization

from .transfer import TransferForm, choose_among

MOST_CHOSEN = 100
WHAT = {
    "these": gettext_lazy("Only these, with what they need"),
    "kind": gettext_lazy("Everything on the list, with what it needs"),
    "everything": gettext_lazy("Everything that is authored here"),
}


class PromoteForm(TransferForm):
    """`rows` are those of the list that it was opened from, `chosen` the ids of some of them."""

    shown_at = "target"

    target = forms.ChoiceField(
        label=gettext_lazy("To which organisation"),
        help_text=gettext_lazy("Organisations in which you author, too."),
        widget=forms.Select({"class": "authoring-select"}),
        required=False,
    )
    what = forms.ChoiceField(
        label=gettext_lazy("What"), widget=forms.Select({"class": "authoring-select"}), required=False
    )

    def __init__(self, *args: Any, kind: str, rows: QuerySet[Any], chosen: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.rows = rows.exclude(status=Status.ARCHIVED)
        self.chosen = list(self.rows.filter(pk__in=[name for name in chosen[:MOST_CHOSEN] if _is_id(name)]))
        self.targets = {other.slug: other for other in others_of(self.user)}
        choose_among(self.fields["target"], [(slug, one.name) for slug, one in self.targets.items()])
        offered = [name for name in WHAT if name != "these" or self.chosen]
        choose_among(self.fields["what"], [(name, str(WHAT[name])) for name in offered])

    @property
    def destination(self) -> Organization | None:
        return self.targets.get(self.row.target) if self.row is not None else None

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return values
        if values.get("confirmed"):
            self.take_staged(values.get("staged") or "")
            if self.row is not None and self.destination is None:
                self.add_error("target", _("You do not author in this organisation."))
        elif values.get("target") in self.targets:
            text = packages.dump(packages.signed(self._package(values.get("what") or "kind")))
            self.row = staging.stage(text.encode(), made_by=self.user, target=values["target"])
        else:
            self.add_error("target", _("Choose the organisation."))
        return values

    def _package(self, what: str) -> dict[str, Any]:
        if what == "everything":
            return packages.export_everything()
        return packages.export_package(
            **{self.kind: self.chosen if what == "these" else packages.REGISTRY[self.kind].rows()}
        )

    def places(self) -> list[Place]:
        return [kept_by(current_organization())]  # it is read while the other organisation is active

    def bring(self, package: packages.Package, **how: Any) -> list[packages.Change]:
        assert self.destination is not None
        return packages.promote(package, target=self.destination, by=self.user, choices=self.choices(), **how)

    def differences(self, package: packages.Package) -> list[packages.Difference]:
        assert self.destination is not None
        with organization_context(self.destination):
            return packages.differences(package)


def _is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True
