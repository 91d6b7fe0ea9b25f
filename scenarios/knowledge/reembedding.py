"""Changing the encoder: every passage gets its vector of the new one beside the old, then questions are asked with the new.

Until then the old one answers. A worker does a slice, writes down how far it is, and leaves the rest to another task.
"""

from __future__ import annotations

import time
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.notices.services import place
from accounts.notices.work import tell_ready
from integrations.errors import ProviderError
from integrations.vendor_names import name_of
from tenants.context import current_organization

from .ingestion import AT_ONCE, HELD_FOR, make_vectors
from .models import Chunk, ChunkVector, Encoder, KnowledgeBase

logger = structlog.get_logger(__name__)
SECONDS = 20.0  # of one task


def go_on(*, seconds: float = SECONDS) -> bool:
    """Make vectors for about so long. True where there is more to do."""
    now = timezone.now()
    free = Q(worked_at=None) | Q(worked_at__lt=now - HELD_FOR)
    if not KnowledgeBase.objects.filter(free, pk=1).exclude(next_encoder="").update(worked_at=now, problem=""):
        return False
    wanted = KnowledgeBase.objects.get(pk=1).next_encoder
    try:
        finished = _slice(wanted, until=time.monotonic() + seconds)
    except ProviderError as error:
        logger.warning("passages got no vectors of another encoder", encoder=wanted, code=error.code)
        KnowledgeBase.objects.filter(pk=1, next_encoder=wanted).update(problem=error.code)
        return False
    finally:
        KnowledgeBase.objects.filter(pk=1).update(worked_at=None)
    return not finished


def _slice(wanted: str, *, until: float) -> bool:
    """True where the change is made, or was called off meanwhile."""
    total = _found().count()
    while time.monotonic() < until:
        batch = list(_without(wanted)[:AT_ONCE])
        if not batch:
            return _change(wanted)
        for _done in make_vectors(batch, wanted):
            progress = 100 - min(100, -(-100 * _without(wanted).count() // max(total, 1)))
            mine = KnowledgeBase.objects.filter(pk=1, next_encoder=wanted)
            if not mine.update(progress=min(progress, 99), worked_at=timezone.now()):
                return True
    return False


def _found() -> QuerySet[Chunk]:
    """Pieces that are searched, or would be if their document were restored."""
    return Chunk.objects.filter(revision=F("document__live_revision"))


def _without(encoder: str) -> QuerySet[Chunk]:
    there = ChunkVector.objects.filter(chunk=OuterRef("pk"), encoder=encoder)
    return _found().filter(~Exists(there)).order_by("document", "position")


def _change(wanted: str) -> bool:
    with transaction.atomic():
        base = KnowledgeBase.objects.select_for_update().get(pk=1)
        if base.next_encoder != wanted:
            return True
        if _without(wanted).exists():  # a document became searchable between the look and the lock
            return False
        base.encoder, base.next_encoder, base.progress = wanted, "", 100
        base.save()
        ChunkVector.objects.exclude(encoder=wanted).delete()
        tell_ready(
            user=base.requested_by,
            title=current_organization().name,
            encoder=settings.SITE_NAME if wanted == Encoder.EMBEDDED else name_of(wanted),
            url=place("admin:knowledge_knowledgedocument_changelist"),
            key=f"encoder:{timezone.now().isoformat()}",
        )
    logger.info("the knowledge base is searched with another encoder", encoder=wanted)
    return True


def is_due() -> bool:
    """Is there a change that nobody works on? One that was refused by its vendor is tried again after a while."""
    quiet = timezone.now() - timedelta(minutes=2)
    waiting = KnowledgeBase.objects.filter(pk=1).exclude(next_encoder="")
    return waiting.filter(Q(worked_at=None) | Q(worked_at__lt=quiet)).exists()
