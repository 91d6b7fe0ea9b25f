"""Content from here to another organisation, by somebody who authors in both: choose, see what it would do there, confirm."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from scenarios import packages
from scenarios.models import Status
from scenarios.packages import staging
from scenarios.packages.files import Place, kept_by
from scenarios.packages.promoting import others_of
from tenants.context import current_organization, organization_context
from tenants.models import Organization

from .transfer import Shown, TransferForm, choose_among

MOST_CHOSEN = 100
WHAT = {
    "these": gettext_lazy("Only these, with what they need"),
    "kind": gettext_lazy("Everything on the list, with what it needs"),
    "everything": gettext_lazy("Everything that is authored here"),
}


class PromoteForm(TransferForm):
    """`rows` are those of the list that it was opened from which may go, `chosen` the ids of some of them."""

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
        self.chosen = list(rows.filter(pk__in=[name for name in chosen[:MOST_CHOSEN] if _is_id(name)]))
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


class Promoting:
    """For admin pages of something that packages carry: an action on rows of the list, and a page, that bring it over."""

    package_kind: ClassVar[str]
    brought = gettext_lazy("Brought to %(organization)s as drafts. Its authors look at them and publish.")
    what_it_becomes = gettext_lazy(
        "You see what it would do over there before anything is written. What it brings becomes a draft; both organisations"
        " note who brought it."
    )
    # Of the page that this is mixed into.
    model: Any
    opts: Any
    admin_site: Any

    def promotable(self) -> QuerySet[Any]:
        """The rows that may go: what is in use."""
        rows: QuerySet[Any] = self.model._default_manager.exclude(status=Status.ARCHIVED)
        return rows

    def has_promote_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """There is another organisation in which this person authors."""
        return bool(self.has_view_permission(request) and others_of(request.user))  # type: ignore[attr-defined, arg-type]

    def _address(self, verb: str) -> str:
        return reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{verb}")

    @admin.action(description=gettext_lazy("Bring to another organisation"), permissions=["promote"])
    def promote_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        chosen = list(queryset.values_list("pk", flat=True)[: MOST_CHOSEN + 1])
        if len(chosen) > MOST_CHOSEN:
            messages.warning(request, _("Choose at most %(most)d, or everything.") % {"most": MOST_CHOSEN})
            chosen = []
        query = urlencode({"item": chosen}, doseq=True)
        return HttpResponseRedirect(f"{self._address('promote_content')}?{query}")

    @action(
        description=gettext_lazy("To another organisation"), url_path="promote", permissions=["promote"], icon="move_up"
    )
    def promote_content(self, request: HttpRequest) -> HttpResponse:
        posted = (request.POST,) if request.method == "POST" else ()
        chosen = request.GET.getlist("item")
        form = PromoteForm(*posted, user=request.user, kind=self.package_kind, rows=self.promotable(), chosen=chosen)
        changes: list[Shown] = []
        if form.is_bound and form.is_valid():
            changes = form.run()
            if form.is_confirmed() and not form.errors and form.destination:
                messages.success(request, self.brought % {"organization": form.destination.name})
                return HttpResponseRedirect(self._address("changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Bring to another organisation"),
            "opts": self.opts,
            "form": form,
            "changes": changes,
            "what_it_becomes": self.what_it_becomes,
            "list_url": self._address("changelist"),
        }
        return TemplateResponse(request, "scenarios/admin/promote.html", context)


def _is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True
