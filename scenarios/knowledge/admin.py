"""Documents in the organisation's admin: upload, progress, a question to try, and the encoder."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display

from accounts.org_admin import OrganizationModelAdmin, org_site
from scenarios.admin.promotion import Promoting
from tenants.errors import DomainError

from . import hostile, ingestion, library, retrieval, tasks
from .encoders import refuse_unusable
from .forms import ChangeDocumentForm, NewDocumentForm
from .models import Chunk, Encoder, KnowledgeBase, KnowledgeDocument

State = KnowledgeDocument.State
COLOURS = {State.WAITING: "info", State.READING: "info", State.READY: "success", State.FAILED: "danger"}
SHOWN_PASSAGES = 200
SHOWN_HOSTILE = 20


@admin.register(KnowledgeDocument, site=org_site)
class DocumentAdmin(Promoting, OrganizationModelAdmin):
    list_display = (
        "title",
        "state_label",
        "progress_label",
        "language",
        "chunk_count",
        "buyers_may_know",
        "last_changed",
    )
    list_filter = (("state", ChoicesDropdownFilter), ("language", ChoicesDropdownFilter), "buyers_may_know")
    search_fields = ("title", "source")
    list_per_page = 50
    actions = ("archive_selected", "restore_selected", "try_again_selected", "promote_selected")
    actions_list = ("ask", "promote_content")
    package_kind = "knowledge"
    brought = gettext_lazy("Brought to %(organization)s. They are read there, and then found.")
    what_it_becomes = gettext_lazy(
        "You see what it would do over there before anything is written. A document is read there again and can then be"
        " found; one of the same source is replaced. Both organisations note who brought it."
    )
    ordering = ("title",)

    class Media:
        # Deferred: it stands in the head and looks for bars that are further down.
        js = (Script("knowledge/documents.js", defer=True),)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(
            request, obj, change=change, form=ChangeDocumentForm if obj else NewDocumentForm, **kwargs
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("file", "text", "title", "source", "language", "buyers_may_know")
        to_a_model = ("to_a_model",) if hostile.hostile_sentences(obj) else ()
        standing = ("where_it_stands", *to_a_model, "source", "file_name", "language", "passages")
        return ("title", "file", "buyers_may_know", *standing)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("where_it_stands", "to_a_model", "source", "file_name", "language", "passages")

    # -- what is shown ----------------------------------------------------------------------------------------------------

    @display(description=gettext_lazy("state"), label=COLOURS, ordering="state")
    def state_label(self, item: KnowledgeDocument) -> tuple[str, str]:
        if item.archived_at is not None:
            return "archived", _("archived")
        return item.state, item.get_state_display()

    @display(description=gettext_lazy("progress"))
    def progress_label(self, item: KnowledgeDocument) -> str:
        if item.state == State.FAILED:
            return item.explanation
        if item.state == State.READY:
            return "–"
        url = reverse("admin:knowledge_knowledgedocument_progress", args=[item.pk])
        return format_html(
            '<progress max="100" value="{}" data-reading="{}" aria-label="{}"></progress>',
            item.progress,
            url,
            _("progress"),
        )

    @display(description=gettext_lazy("last changed"), ordering="updated_at")
    def last_changed(self, item: KnowledgeDocument) -> datetime:
        return item.updated_at

    @display(description=gettext_lazy("where it stands"))
    def where_it_stands(self, item: KnowledgeDocument) -> str:
        if item.archived_at is not None:
            return _("Archived: nothing is found in it.")
        if item.state == State.READY:
            return ngettext(
                "Ready: %(count)d passage can be found.", "Ready: %(count)d passages can be found.", item.chunk_count
            ) % {"count": item.chunk_count}
        older = " " + _("The earlier upload goes on answering.") if item.live_revision else ""
        if item.state == State.FAILED:
            return item.explanation + older
        return _("Being read: %(percent)d %%.") % {"percent": item.progress} + older

    @display(description=gettext_lazy("written for a machine"))
    def to_a_model(self, item: KnowledgeDocument) -> str:
        """For whoever can ask its author, or take it out: nothing else would say that somebody tried."""
        said = _(
            "This speaks to a model instead of to people. Judges, the coach and buyers never get it; ask who wrote it:"
        )
        sentences = [(sentence,) for sentence in hostile.hostile_sentences(item)[:SHOWN_HOSTILE]]
        return format_html("<p>{}</p>{}", said, format_html_join("", "<p><strong>“{}”</strong></p>", sentences))

    @display(description=gettext_lazy("passages"))
    def passages(self, item: KnowledgeDocument) -> str:
        chunks = Chunk.objects.filter(document=item, revision=item.live_revision).order_by("position")
        rows = [(chunk.heading, chunk.text) for chunk in chunks[:SHOWN_PASSAGES]]
        return format_html_join("", "<p><strong>{}</strong><br>{}</p>", rows) if rows else "–"

    # -- writing ----------------------------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through the same services as the API; a source that is there already is replaced."""
        file = form.cleaned_data.get("file")
        if not change:
            made = (
                library.add(file=file.file, file_name=file.name, actor=request.user, **form.values())
                if file
                else library.add_text(text=form.cleaned_data["text"], actor=request.user, **form.values())
            )
            obj.pk, obj.title = made.pk, made.title
            obj._state.adding = False
            obj.refresh_from_db()
            tasks.enqueue_ingest(made.pk)
            return
        library.change(
            document=obj,
            actor=request.user,
            title=form.cleaned_data["title"],
            buyers_may_know=form.cleaned_data["buyers_may_know"],
        )
        if file:
            library.add(
                file=file.file,
                file_name=file.name,
                actor=request.user,
                title=form.cleaned_data["title"],
                source=obj.source,
                language=obj.language,
                buyers_may_know=form.cleaned_data["buyers_may_know"],
            )
            tasks.enqueue_ingest(obj.pk)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if isinstance(obj, KnowledgeDocument) and obj.archived_at is not None:
            return False  # the page shows it, and cannot save it
        return bool(super().has_change_permission(request, obj))

    def delete_model(self, request: HttpRequest, obj: KnowledgeDocument) -> None:
        library.delete(document=obj, actor=request.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[KnowledgeDocument]) -> None:
        for document in queryset:
            library.delete(document=document, actor=request.user)

    @admin.action(description=gettext_lazy("Archive"), permissions=["change"])
    def archive_selected(self, request: HttpRequest, queryset: QuerySet[KnowledgeDocument]) -> None:
        for document in queryset:
            library.archive(document=document, actor=request.user)

    @admin.action(description=gettext_lazy("Restore"), permissions=["change"])
    def restore_selected(self, request: HttpRequest, queryset: QuerySet[KnowledgeDocument]) -> None:
        self._each(request, queryset, lambda document: library.restore(document=document, actor=request.user))

    @admin.action(description=gettext_lazy("Try again"), permissions=["change"])
    def try_again_selected(self, request: HttpRequest, queryset: QuerySet[KnowledgeDocument]) -> None:
        def again(document: KnowledgeDocument) -> None:
            ingestion.take_up_again(document)
            tasks.enqueue_ingest(document.pk)

        self._each(request, queryset.filter(state=State.FAILED), again)

    def _each(self, request: HttpRequest, queryset: QuerySet[KnowledgeDocument], verb: Any) -> None:
        for document in queryset:
            try:
                verb(document)
            except DomainError as refused:
                messages.error(request, f"{document}: {refused.message}")

    def promotable(self) -> QuerySet[KnowledgeDocument]:
        return KnowledgeDocument.objects.in_use()

    # -- pages ------------------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("ask/", view(self.ask_page), name="knowledge_question"),
            path("encoder/", view(self.encoder_page), name="knowledge_knowledgedocument_encoder"),
            path("encoder/progress/", view(self.encoder_progress), name="knowledge_knowledgedocument_encoder_progress"),
            path("<uuid:pk>/progress/", view(self.progress), name="knowledge_knowledgedocument_progress"),
            *super().get_urls(),
        ]

    @action(description=gettext_lazy("Try a question"), url_path="try", permissions=["view"], icon="search")
    def ask(self, request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:knowledge_question"))

    def ask_page(self, request: HttpRequest) -> HttpResponse:
        """A question as a trainee would ask it, and what is found for it; and which encoder finds."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        question = request.GET.get("q", "")[: retrieval.MOST_QUESTION]
        base = KnowledgeBase.load()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Try a question"),
            "opts": self.opts,
            "question": question,
            "found": retrieval.search(question) if question.strip() else [],
            "has_documents": KnowledgeDocument.objects.searchable().exists(),
            "list_url": reverse("admin:knowledge_knowledgedocument_changelist"),
            "add_url": reverse("admin:knowledge_knowledgedocument_add"),
            "base": base,
            "encoders": _usable_encoders(base),
            "encoder_url": reverse("admin:knowledge_knowledgedocument_encoder"),
            "encoder_progress_url": reverse("admin:knowledge_knowledgedocument_encoder_progress"),
        }
        return TemplateResponse(_as_admin(request), "scenarios/knowledge/ask.html", context)

    def encoder_page(self, request: HttpRequest) -> HttpResponse:
        """POST `encoder`: search with another one as soon as every passage has its vector."""
        if request.method != "POST":
            return HttpResponseRedirect(reverse("admin:knowledge_question"))
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            base = library.change_encoder(name=request.POST.get("encoder", ""), actor=request.user)
        except DomainError as refused:
            messages.error(request, str(refused.message))
        else:
            if base.next_encoder:
                tasks.enqueue_reembed()
                messages.success(
                    request, _("Every passage is being turned into vectors again. Until then nothing changes.")
                )
        return HttpResponseRedirect(reverse("admin:knowledge_question"))

    def encoder_progress(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        base = KnowledgeBase.load()
        return JsonResponse({"over": not base.next_encoder, "progress": base.progress})

    def progress(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """How far one document is, for the list."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        document = library.get(pk)
        return JsonResponse({"over": document.state in {State.READY, State.FAILED}, "progress": document.progress})


def _as_admin(request: HttpRequest) -> HttpRequest:
    request.current_app = org_site.name  # as the site's own views say it
    return request


def _usable_encoders(base: KnowledgeBase) -> list[tuple[str, str]]:
    """The encoders that can be chosen here, with their names."""
    usable = []
    for name, label in Encoder.choices:
        try:
            refuse_unusable(name)
        except DomainError:
            if name != base.encoder:
                continue
        usable.append((name, str(label)))
    return usable
