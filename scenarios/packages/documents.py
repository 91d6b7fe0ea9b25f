"""Documents of the knowledge base in a package: as text where they are short and text, so that a difference can be read; any
other by the hash of its content, which is a file beside the package."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from scenarios.knowledge import library, tasks
from scenarios.knowledge.documents import kind_of, read_limited
from scenarios.knowledge.models import KnowledgeDocument
from scenarios.models.versions import Language
from scenarios.wording import MARKUP
from tenants.api.serializers import StrictSerializer
from tenants.errors import DomainError

from .files import LARGEST_INSIDE, Files, as_text
from .kinds import Around, Kind
from .shapes import Sha256

LONGEST_TEXT = 64_000  # bytes of a document that is written as text
PLAIN_KINDS = ("md", "txt", "html")
CONTENT = ("text", "base64", "sha256")


class DocumentSerializer(StrictSerializer):
    """`text` of a document that is text, `base64` of any other, or `sha256` of a file that comes along; one of them."""

    children: Mapping[str, Any] = {}
    title = serializers.CharField(max_length=200)
    language = serializers.ChoiceField(choices=Language.choices, required=False, allow_blank=True)
    buyers_may_know = serializers.BooleanField(default=True)
    file_name = serializers.CharField(max_length=200)
    text = serializers.CharField(required=False, trim_whitespace=False, max_length=LARGEST_INSIDE)
    base64 = serializers.CharField(required=False, max_length=LARGEST_INSIDE * 4 // 3 + 4)
    sha256 = Sha256(required=False)

    def validate_title(self, value: str) -> str:
        if MARKUP.search(value):
            raise serializers.ValidationError(_("Take the HTML out of the title."))
        return value

    def validate_base64(self, value: str) -> str:
        try:
            base64.b64decode(value, validate=True)
        except binascii.Error:
            raise serializers.ValidationError(_("This is no base64 text.")) from None
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in CONTENT) != 1:
            raise serializers.ValidationError({"text": _("Give one of these: text, base64 or sha256.")})
        return attrs


class Documents(Kind):
    """Found by their source, whatever the language: the same source again replaces a document."""

    name = "knowledge"
    model = KnowledgeDocument
    serializer = DocumentSerializer  # type: ignore[assignment]  # of no working copy
    own_key = True

    def rows(self) -> QuerySet[Any]:
        return KnowledgeDocument.objects.in_use()

    def key(self, item: KnowledgeDocument) -> str:
        return item.source

    def find(self, key: str, language: str) -> Any:
        return KnowledgeDocument.objects.in_use().filter(source=key).first()

    def plain(self, item: KnowledgeDocument) -> dict[str, Any]:
        plain = {name: getattr(item, name) for name in ("title", "language", "buyers_may_know", "file_name")}
        if item.kind in PLAIN_KINDS and item.size_bytes <= LONGEST_TEXT:
            text = as_text(_stored(item))
            if text is not None:
                return {**plain, "text": text}
        return {**plain, "sha256": item.sha256}

    def with_files(self, values: Mapping[str, Any], files: Files) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """However the content is given, it stands for the same document as in `plain`."""
        [given] = [name for name in CONTENT if name in values]
        try:
            content = files.read(values["sha256"]) if given == "sha256" else _content_in(values)
            kind = kind_of(read_limited(content), values["file_name"])
        except DomainError as unfit:
            return dict(values), [(given, str(unfit.message))]
        plain = {name: value for name, value in values.items() if name not in CONTENT}
        text = as_text(content) if kind in PLAIN_KINDS and len(content) <= LONGEST_TEXT else None
        if text is not None:
            return {**plain, "text": text}, []
        return {**plain, "sha256": files.give(content) if given != "sha256" else values["sha256"]}, []

    def flaws(self, plain: Mapping[str, Any]) -> list[tuple[str, str]]:
        return []

    def only_tried(self, plain: Mapping[str, Any]) -> bool:
        return True  # `with_files` looked at it

    def values(self, plain: Mapping[str, Any], around: Around) -> dict[str, Any]:
        values = {name: value for name, value in plain.items() if name not in CONTENT}
        if "text" in plain:
            values["content"] = plain["text"].encode()
        elif "sha256" in plain:
            values["content"] = around.content(plain["sha256"])
        return values

    def create(self, key: str, values: Mapping[str, Any], *, preset: bool, author: Any) -> Any:
        return library.add(
            file=values["content"],
            file_name=values["file_name"],
            actor=author,
            title=values["title"],
            source=key,
            language=values.get("language", ""),
            buyers_may_know=values["buyers_may_know"],
        )

    def update(self, item: KnowledgeDocument, values: Mapping[str, Any], *, author: Any) -> Any:
        now = {name: getattr(item, name) for name in ("title", "language", "buyers_may_know", "file_name")}
        content = values["content"] if "content" in values else _stored(item)
        return self.create(item.source, {**now, **values, "content": content}, preset=False, author=author)

    def stored(self, item: KnowledgeDocument) -> list[str]:
        return [item.stored_as]

    def publish(self, item: KnowledgeDocument, author: Any) -> None:
        """Documents are used as soon as they were read."""


def _content_in(values: Mapping[str, Any]) -> bytes:
    return values["text"].encode() if "text" in values else base64.b64decode(values["base64"])


def _stored(item: KnowledgeDocument) -> bytes:
    with default_storage.open(item.stored_as) as file:
        return bytes(file.read())


def have_read(document_ids: list[Any]) -> None:
    for document_id in document_ids:
        tasks.enqueue_ingest(document_id)
