"""Documents, the pieces they are cut into, and the vectors by which the pieces are found."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _
from pgvector.django import VectorField

from scenarios.models.versions import Language

from .reading.refusals import REFUSALS

# Why a document could not be taken in, besides what is wrong with its file.
PROBLEMS: dict[str, Any] = {
    **REFUSALS,
    "encoder": _("The service that turns text into vectors did not answer. Try again in a few minutes."),
    "internal": _("Something went wrong on our side. The file is kept: try again."),
}


class Encoder(models.TextChoices):
    """Who turns text into vectors. Vectors of two encoders cannot be compared."""

    EMBEDDED = "embedded", _("Parley's own encoder (512 numbers, stays on this server)")
    OPENAI = "openai", _("OpenAI text-embedding-3-small (1536 numbers)")
    OPENROUTER = "openrouter", _("OpenRouter text-embedding-3-small (1536 numbers)")


class DocumentQuerySet(models.QuerySet["KnowledgeDocument"]):
    def in_use(self) -> DocumentQuerySet:
        return self.filter(archived_at=None)

    def searchable(self) -> DocumentQuerySet:
        return self.in_use().filter(live_revision__gt=0)

    def at_work(self) -> DocumentQuerySet:
        """Documents that a worker has something to do for."""
        return self.filter(state__in=[KnowledgeDocument.State.WAITING, KnowledgeDocument.State.READING])


class KnowledgeDocument(models.Model):
    """A document, whatever it was uploaded as.

    `revision` counts uploads of the same `source`; the pieces of `live_revision` are what is searched. So while a new upload
    is being read the old one still answers, and it gives way in one statement.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        READING = "reading", _("being read")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(_("title"), max_length=200)
    source = models.CharField(
        _("source"),
        max_length=200,
        help_text=_("What it is called where it comes from, such as its file name. The same source again replaces it."),
    )
    # Empty until the text was read, where nobody said it.
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, blank=True)
    buyers_may_know = models.BooleanField(
        _("buyers may know it"),
        default=True,
        help_text=_("A buyer may answer from it in a call. Switch this off for what only your own people should know."),
    )
    # Of what was uploaded: its name, kind ("pdf", "docx", "md", "html", "txt"), size, and where the private file is.
    file_name = models.CharField(_("file"), max_length=200, editable=False)
    kind = models.CharField(_("kind"), max_length=10, editable=False)
    size_bytes = models.PositiveBigIntegerField(_("size"), default=0, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    stored_as = models.CharField(max_length=200, editable=False)

    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING, editable=False)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0, editable=False)
    problem = models.CharField(max_length=20, blank=True, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)
    live_revision = models.PositiveIntegerField(default=0, editable=False)
    chunk_count = models.PositiveIntegerField(_("passages"), default=0, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    # When a worker was last known to be at it; null while nobody is.
    worked_at = models.DateTimeField(null=True, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(_("added"), auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering: ClassVar = ["title"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source"], condition=models.Q(archived_at=None), name="knowledge_document_source_once"
            ),
            models.CheckConstraint(condition=models.Q(progress__lte=100), name="knowledge_document_progress_range"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def explanation(self) -> str:
        """Why it failed, as a sentence."""
        return str(PROBLEMS.get(self.problem, "")) if self.problem else ""


class Chunk(models.Model):
    """A piece of a document, short enough to be about one thing. `search`: its words, for PostgreSQL's full text search."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document = models.ForeignKey(KnowledgeDocument, on_delete=models.CASCADE, related_name="chunks")
    revision = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    heading = models.CharField(max_length=500, blank=True)
    text = models.TextField()
    page = models.PositiveIntegerField(default=0)
    language = models.CharField(max_length=5, choices=Language.choices)
    search = SearchVectorField(null=True)

    class Meta:
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        ordering: ClassVar = ["document", "revision", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document", "revision", "position"], name="knowledge_chunk_position_once")
        ]
        indexes: ClassVar = [GinIndex(fields=["search"], name="knowledge_chunk_words")]

    def __str__(self) -> str:
        return self.heading or self.text[:60]


class ChunkVector(models.Model):
    """What a piece, or a sentence of it, means to one encoder, as a vector of length 1.

    The column takes any number of dimensions; an index for each number in use is made by the migration, over a cast.
    """

    chunk = models.ForeignKey(Chunk, on_delete=models.CASCADE, related_name="vectors")
    encoder = models.CharField(max_length=20, choices=Encoder.choices)
    part = models.PositiveSmallIntegerField(default=0)
    dimensions = models.PositiveSmallIntegerField()
    embedding = VectorField()

    class Meta:
        verbose_name = _("vector")
        verbose_name_plural = _("vectors")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chunk", "encoder", "part"], name="knowledge_vector_once"),
        ]

    def __str__(self) -> str:
        return f"{self.encoder} {self.chunk_id}"


class KnowledgeBase(models.Model):
    """One row an organisation: which encoder questions are asked with, and how far a change to another one is."""

    encoder = models.CharField(
        _("search by meaning with"), max_length=20, choices=Encoder.choices, default=Encoder.EMBEDDED
    )
    # The encoder that is being changed to; "" while none is. `encoder` answers until every piece has its vector.
    next_encoder = models.CharField(max_length=20, choices=Encoder.choices, blank=True, editable=False)
    progress = models.PositiveSmallIntegerField(_("progress"), default=0, editable=False)
    problem = models.CharField(max_length=200, blank=True, editable=False)
    worked_at = models.DateTimeField(null=True, editable=False)
    # Who is told when the change is made.
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("search settings")
        verbose_name_plural = _("search settings")

    def __str__(self) -> str:
        return str(_("Search settings"))

    @classmethod
    def load(cls) -> KnowledgeBase:
        """The row, made on first use."""
        return cls.objects.get_or_create(pk=1)[0]
