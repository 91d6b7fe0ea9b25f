"""Adding, replacing, archiving and deleting documents."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import PurePath
from typing import IO, Any
from uuid import UUID, uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tenants.utils import schema_context

from accounts.people import audit
from tenants.context import current_organization
from tenants.errors import Conflict, InvalidInput, NotFound
from tenants.schemas import current_schema

from .documents import kind_of, read_limited
from .encoders import refuse_unusable
from .languages import language_of
from .models import KnowledgeBase, KnowledgeDocument
from .reading import plain

State = KnowledgeDocument.State
MOST_TITLE = 200


class DocumentNotFound(NotFound):
    default_message = gettext_lazy("There is no such document.")


def get(document_id: UUID) -> KnowledgeDocument:
    """Raises `DocumentNotFound`."""
    document = KnowledgeDocument.objects.filter(pk=document_id).first()
    if document is None:
        raise DocumentNotFound
    return document


def add(
    *,
    file: IO[bytes] | bytes,
    file_name: str,
    actor: Any,
    title: str = "",
    source: str = "",
    language: str = "",
    buyers_may_know: bool = True,
) -> KnowledgeDocument:
    """Keep a document and have it read. The same `source` (else the file's name) again replaces the one that is there.

    The language is told by the text where it is not given. Raises `Refused` for what can be seen to be of no use at once;
    what shows only in reading is told by the document's `problem`.
    """
    content = read_limited(file)
    file_name = PurePath(file_name.replace("\\", "/")).name.strip()[-200:] or "document.txt"
    kind = kind_of(content, file_name)
    source = " ".join(source.split())[:MOST_TITLE] or file_name
    title = " ".join(title.split())[:MOST_TITLE] or _title_of(file_name)
    values = {
        "title": title,
        "language": language or _language(content, kind),
        "buyers_may_know": buyers_may_know,
        "file_name": file_name,
        "kind": kind,
        "size_bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "stored_as": _store(content, kind),
        "uploaded_by": actor,
    }
    try:
        with transaction.atomic():
            return _write(source, values, actor)
    except IntegrityError:
        default_storage.delete(str(values["stored_as"]))
        raise Conflict(_("This document is just being uploaded by somebody else.")) from None
    except Exception:
        default_storage.delete(str(values["stored_as"]))
        raise


def add_text(*, text: str, title: str, actor: Any, **more: Any) -> KnowledgeDocument:
    """The same for text that was pasted; Markdown is understood. Raises `InvalidInput` without a title."""
    if not title.strip():
        raise InvalidInput(details={"field": "title", "issue": _("Give the text a title.")})
    name = "".join(letter if letter.isalnum() else "-" for letter in title.strip().lower())[:80].strip("-") or "text"
    return add(file=text.encode(), file_name=f"{name}.md", actor=actor, title=title, **more)


def _write(source: str, values: dict[str, Any], actor: Any) -> KnowledgeDocument:
    document = KnowledgeDocument.objects.select_for_update().in_use().filter(source=source).first()
    if document is None:
        document = KnowledgeDocument.objects.create(source=source, **values)
        audit.record(actor, "knowledge.added", document, title=document.title)
        return document
    same = document.sha256 == values["sha256"] and document.state != State.FAILED
    _drop_later(document.stored_as)
    for name, value in values.items():
        setattr(document, name, value)
    if not same:  # the same file again has nothing new to be read
        document.revision += 1
        document.state, document.progress, document.problem = State.WAITING, 0, ""
        document.attempts, document.worked_at = 0, None
    document.save()
    audit.record(actor, "knowledge.replaced", document, title=document.title)
    return document


def change(
    *,
    document: KnowledgeDocument,
    actor: Any,
    title: str | None = None,
    buyers_may_know: bool | None = None,
    archived: bool | None = None,
) -> None:
    """Change what is given. Raises `Conflict` where it cannot be restored."""
    changes = {
        name: value for name, value in (("title", title), ("buyers_may_know", buyers_may_know)) if value is not None
    }
    if archived is not None:
        (archive if archived else restore)(document=document, actor=actor)
    if changes:
        KnowledgeDocument.objects.filter(pk=document.pk).update(**changes, updated_at=timezone.now())
        audit.record(actor, "knowledge.changed", document, title=title or document.title, fields=sorted(changes))


def archive(*, document: KnowledgeDocument, actor: Any) -> None:
    """It is not found any more, and can be restored."""
    if KnowledgeDocument.objects.filter(pk=document.pk, archived_at=None).update(archived_at=timezone.now()):
        audit.record(actor, "knowledge.archived", document, title=document.title)


def restore(*, document: KnowledgeDocument, actor: Any) -> None:
    """Raises `Conflict` where another document of the same source took its place."""
    try:
        with transaction.atomic():
            changed = (
                KnowledgeDocument.objects.filter(pk=document.pk).exclude(archived_at=None).update(archived_at=None)
            )
    except IntegrityError:
        raise Conflict(_("Another document of the same source has taken its place.")) from None
    if changed:
        audit.record(actor, "knowledge.restored", document, title=document.title)


@transaction.atomic
def delete(*, document: KnowledgeDocument, actor: Any) -> None:
    """Gone with its passages, vectors and file."""
    audit.record(actor, "knowledge.deleted", document, title=document.title)
    _drop_later(document.stored_as)
    document.delete()


def change_encoder(*, name: str, actor: Any) -> KnowledgeBase:
    """Search with another encoder, as soon as every passage has its vector. Raises `InvalidInput` where it cannot be used."""
    refuse_unusable(name)
    with transaction.atomic():
        KnowledgeBase.load()
        base = KnowledgeBase.objects.select_for_update().get(pk=1)
        base.next_encoder = "" if name == base.encoder else name
        base.progress, base.problem, base.worked_at = 0, "", None
        base.requested_by = actor
        base.save()
    audit.record(actor, "knowledge.encoder_chosen", base, encoder=name)
    return base


def _title_of(file_name: str) -> str:
    """ "price_list-2026.pdf" is "Price list 2026"."""
    words = PurePath(file_name).stem.replace("_", " ").replace("-", " ").strip() or file_name
    return words[:1].upper() + words[1:]


def _language(content: bytes, kind: str) -> str:
    """Told by the text; "" for what has to be read first."""
    if kind in {"pdf", "docx"}:
        return ""
    return language_of(plain.decoded(content), otherwise=current_organization().language)


def _store(content: bytes, kind: str) -> str:
    return default_storage.save(f"knowledge/{uuid4()}.{kind}", ContentFile(content))


def _drop_later(name: str) -> None:
    """Delete a file once what is being done is committed."""
    drop: Callable[[], None] = partial(_drop, current_schema(), name)
    transaction.on_commit(drop)


def _drop(schema_name: str, name: str) -> None:
    with schema_context(schema_name):
        default_storage.delete(name)
