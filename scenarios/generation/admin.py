"""Drafts on demand, in the organisation's admin: ask, watch, read what is to be looked at, take over what is good."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from accounts.org_admin import OrganizationModelAdmin, org_site
from integrations.vendor_names import name_of
from scenarios.models import Persona, Rubric, Scenario, Status
from scenarios.models.versions import WorkingCopy
from tenants.context import current_organization
from tenants.errors import DomainError, InvalidInput

from . import proposals, second_look, services
from .authors import vendors_for
from .forms import FORMS, WishForm, initial_from, sources_for
from .inputs import BusinessWishSerializer, ProfileSerializer, WishSerializer, checked
from .models import Generation
from .remarks import problem_in_words, worded
from .reports import label_of_part, notes_of, statements_of
from .tasks import make_drafts

Kind, Source, State = Generation.Kind, Generation.Source, Generation.State
COLOURS = {
    State.WAITING: "info",
    State.RUNNING: "info",
    State.DONE: "success",
    State.FAILED: "danger",
    State.CANCELLED: "warning",
}
WHAT: dict[str, type[Persona] | type[Rubric] | type[Scenario]] = {
    Kind.PERSONA: Persona,
    Kind.RUBRIC: Rubric,
    Kind.SCENARIO: Scenario,
}
SERIALIZERS = {
    Source.PROFILE: ProfileSerializer,
    Source.BUSINESS: BusinessWishSerializer,
    Source.PLAYBOOK: WishSerializer,
}


@admin.register(Generation, site=org_site)
class GenerationAdmin(OrganizationModelAdmin):
    list_display = ("what_label", "source", "state_label", "writer_label", "requested_by", "created_at")
    list_select_related: Any = ("requested_by", "persona", "rubric", "scenario", "gatekeeper")
    list_filter = (("kind", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter))
    list_per_page = 50
    list_filter_submit = False
    actions_list = ("new_persona", "new_scenario", "new_rubric")

    # -- the list ---------------------------------------------------------------------------------------------------------
    @display(description=gettext_lazy("what is made"))
    def what_label(self, item: Generation) -> str:
        made = next((str(draft) for draft in item.drafts), "")
        return f"{item.get_kind_display()}: {made}" if made else item.get_kind_display()

    @display(description=gettext_lazy("state"), label=COLOURS, ordering="state")
    def state_label(self, item: Generation) -> tuple[str, str]:
        return item.state, item.get_state_display()

    @display(description=gettext_lazy("made by"), ordering="made_by")
    def writer_label(self, item: Generation) -> str:
        return writers_of(item) if item.made_by else "–"

    @action(description=gettext_lazy("Generate a persona"), url_path="for-persona", icon="record_voice_over")
    def new_persona(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(new_url(Kind.PERSONA))

    @action(description=gettext_lazy("Generate a scenario"), url_path="for-scenario", icon="theater_comedy")
    def new_scenario(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(new_url(Kind.SCENARIO))

    @action(description=gettext_lazy("Generate a rubric"), url_path="for-rubric", icon="checklist")
    def new_rubric(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(new_url(Kind.RUBRIC))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # asked for on a page of its own

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        def url(route: str, view: Any, name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"generation_generation_{name}")

        return [
            url("new/", self.new_view, "new"),
            url("<uuid:pk>/progress/", require_safe(self.progress_view), "progress"),
            url("<uuid:pk>/cancel/", require_POST(self.cancel_view), "cancel"),
            url("<uuid:pk>/again/", require_POST(self.again_view), "again"),
            url("<uuid:pk>/look/", require_POST(self.look_view), "look"),
            url("<uuid:pk>/accept/", require_POST(self.accept_view), "accept"),
            *super().get_urls(),
        ]

    # -- asking -----------------------------------------------------------------------------------------------------------
    def new_view(self, request: HttpRequest) -> HttpResponse:
        """One page for every kind and source: `?what=persona&from=playbook`, `&for=<id>` to propose changes."""
        self._refuse_strangers(request)
        kind = request.GET.get("what", Kind.SCENARIO)
        if kind not in WHAT:
            raise Http404
        target = _target(kind, request.GET.get("for", ""))
        offered = sources_for(kind)
        source = request.GET.get("from", "")
        source = source if source in offered else offered[0]
        form = self._form(request, kind, source, target)
        if request.method == "POST" and form.is_valid():
            begun = self._begin(request, form, kind, source, target)
            if begun is not None:
                make_drafts.delay(str(begun.pk))
                return HttpResponseRedirect(result_url(begun))
        vendors = vendors_for()
        here = f"{new_url(kind)}&for={target.pk}" if target else new_url(kind)
        context = {
            **self.admin_site.each_context(request),
            "title": _titles()[kind] if target is None else _("Propose changes for “%(item)s”") % {"item": target},
            "opts": self.opts,
            "form": form,
            "kind": kind,
            "target": target,
            "sources": [(name, Source(name).label, f"{here}&from={name}") for name in offered],
            "source": source,
            "vendors": ", ".join(name_of(vendor) for vendor in vendors),
            "list_url": reverse(f"admin:scenarios_{kind}_changelist"),
        }
        status = 400 if form.is_bound and form.errors else 200
        return TemplateResponse(request, "scenarios/admin/generate.html", context, status=status)

    def _form(self, request: HttpRequest, kind: str, source: str, target: WorkingCopy | None) -> WishForm:
        form_class = FORMS[source]
        if request.method == "POST":
            return form_class(request.POST, request.FILES, kind=kind)
        usual = "" if source == Source.PLAYBOOK else current_organization().language
        initial: dict[str, Any] = {"language": getattr(target, "language", "") or usual}
        before = request.GET.get("as", "")
        if before:
            initial |= initial_from(get_object_or_404(Generation, pk=_uuid(before)))
        if isinstance(target, Persona):
            names = ("industry", "role", "personality", "difficulty")
            initial |= {name: getattr(target, name) for name in names}
        return form_class(initial=initial, kind=kind)

    def _begin(
        self, request: HttpRequest, form: WishForm, kind: str, source: str, target: WorkingCopy | None
    ) -> Generation | None:
        """The job; None where something is wrong, which then stands beside its field."""
        options: dict[str, Any] = {
            "by": request.user,
            "allow_embedded": form.cleaned_data["allow_embedded"],
            "target": target,
        }
        try:
            language = getattr(target, "language", "") or current_organization().language
            wish = checked(SERIALIZERS[Source(source)], form.wish(), language=language)
            if source != Source.PLAYBOOK:
                return services.begin(kind=kind, source=source, wish=wish, **options)
            whole = Kind.SET if kind == Kind.SCENARIO and target is None else kind
            file = form.cleaned_data["file"]
            unsaid = not form.cleaned_data.get("language") and target is None
            return services.begin_from_file(
                kind=whole, wish=wish, file=file, name=file.name, detect_language=unsaid, **options
            )
        except InvalidInput as refused:
            fields = refused.details.get("fields")
            form.show(fields or {"file" if source == Source.PLAYBOOK else "": [str(refused.message)]})
        except DomainError as refused:
            form.add_error(None, str(refused.message))
        return None

    # -- one job ----------------------------------------------------------------------------------------------------------
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """How far it is; then what came of it, what is to be looked at, and what each statement rests on."""
        self._refuse_strangers(request)
        job = self._job(_uuid(object_id))
        notes = notes_of(job) if job.state == State.DONE else []
        target = job.target
        context = {
            **self.admin_site.each_context(request),
            "title": _titles()["result" if target is None else "proposal"],
            "opts": self.opts,
            "original": job,
            "job": job,
            "target": target,
            "target_url": _preview_url(target) if target else "",
            "writers": writers_of(job),
            "problem": problem_in_words(job.problem) if job.problem else "",
            "remarks": [worded(one) for one in job.remarks],
            "errors": [(label_of_part(part), note) for part, note in notes if note.is_error],
            "warnings": [(label_of_part(part), note) for part, note in notes if not note.is_error],
            "drafts": [_card(draft) for draft in job.drafts] if target is None else [],
            "statements": [(label_of_part(one.part), one) for one in statements_of(job)],
            "changes": proposals.changes_of(job),
            "again_url": _url("again", job),
            "look_url": _url("look", job) if second_look.possible(job) else "",
            "cancel_url": _url("cancel", job),
            "accept_url": _url("accept", job),
            "progress_url": _url("progress", job),
            "edit_url": _edit_url(job),
        }
        return TemplateResponse(request, "scenarios/admin/generation.html", context)

    def progress_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        self._refuse_strangers(request)
        job = self._job(pk)
        step = job.get_step_display() if job.step else job.get_state_display()
        return JsonResponse({"state": job.state, "progress": job.progress, "step": str(step)})

    def look_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Ask a language model for contradictions; the answer stands among the remarks."""
        self._refuse_strangers(request)
        job = self._job(pk)
        try:
            second_look.look(job, by=request.user)
        except DomainError as refused:
            messages.error(request, str(refused.message))
        return HttpResponseRedirect(result_url(job))

    def cancel_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        self._refuse_strangers(request)
        job = self._job(pk)
        try:
            services.cancel(generation=job, by=request.user)
        except DomainError as refused:
            messages.error(request, str(refused.message))
        else:
            messages.success(request, _("Cancelled. No draft was made."))
        return HttpResponseRedirect(result_url(job))

    def again_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        self._refuse_strangers(request)
        job = self._job(pk)
        try:
            begun = services.again(generation=job, by=request.user)
        except DomainError as refused:
            messages.error(request, str(refused.message))
            return HttpResponseRedirect(result_url(job))
        make_drafts.delay(str(begun.pk))
        return HttpResponseRedirect(result_url(begun))

    def accept_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take the ticked changes over into the draft."""
        self._refuse_strangers(request)
        job = self._job(pk)
        revision = request.POST.get("revision", "")
        try:
            item = proposals.accept(
                generation=job,
                fields=request.POST.getlist("field"),
                by=request.user,
                expected=int(revision) if revision.isdecimal() else None,
            )
        except DomainError as refused:
            messages.error(request, str(refused.message))
            return HttpResponseRedirect(result_url(job))
        messages.success(request, _("Taken over into the draft. Nothing is published yet."))
        return HttpResponseRedirect(_preview_url(item))

    def _job(self, pk: UUID) -> Generation:
        related = ("persona", "gatekeeper", "rubric", "scenario__persona", "requested_by")
        return get_object_or_404(Generation.objects.select_related(*related), pk=pk)

    def _refuse_strangers(self, request: HttpRequest) -> None:
        """Authors only: people who manage people see the admin too."""
        if not self.has_view_permission(request):
            raise PermissionDenied


def new_url(kind: str) -> str:
    return f"{reverse('admin:generation_generation_new')}?what={kind}"


def result_url(job: Generation) -> str:
    return reverse("admin:generation_generation_change", args=[job.pk])


def writers_of(job: Generation) -> str:
    """Who wrote it, for people."""
    if job.by_templates:
        return _("templates, no language model")
    names = [_("templates") if slug == "embedded" else name_of(slug) for slug in job.made_by.split(", ") if slug]
    return ", ".join(names)


def _titles() -> dict[str, str]:
    return {
        Kind.PERSONA: _("Generate a persona"),
        Kind.RUBRIC: _("Generate a rubric"),
        Kind.SCENARIO: _("Generate a scenario"),
        "result": _("Generated draft"),
        "proposal": _("Proposed changes"),
    }


def _edit_url(job: Generation) -> str:
    """The form again, with what was typed in it."""
    kind = Kind.SCENARIO if job.kind == Kind.SET else job.kind
    url = f"{new_url(kind)}&from={job.source}&as={job.pk}"
    return f"{url}&for={job.target.pk}" if job.target else url


def _url(verb: str, job: Generation) -> str:
    return reverse(f"admin:generation_generation_{verb}", args=[job.pk])


def _preview_url(item: WorkingCopy) -> str:
    return reverse(f"admin:scenarios_{item._meta.model_name}_preview", args=[item.pk])


def _card(draft: WorkingCopy) -> dict[str, Any]:
    name = str(draft._meta.model_name)
    return {
        "item": draft,
        "kind": str(draft._meta.verbose_name),
        "status": draft.status,
        "status_label": draft.get_status_display(),
        "preview_url": _preview_url(draft),
        "change_url": reverse(f"admin:scenarios_{name}_change", args=[draft.pk]),
        "is_archived": draft.status == Status.ARCHIVED,
    }


def _target(kind: str, pk: str) -> WorkingCopy | None:
    return get_object_or_404(WHAT[kind], pk=_uuid(pk)) if pk else None


def _uuid(text: Any) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise Http404 from None
