"""What calls does when somebody wants their data, or wants it gone."""

from __future__ import annotations

import shutil
from functools import partial
from io import BytesIO
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.dispatch import receiver
from django_tenants.utils import schema_context

from accounts.signals import PersonalFile, person_erased, personal_data_requested, personal_files_requested
from integrations.inbound import ledger
from tenants.schemas import current_schema

from .models import Call, Recording, VendorConversation
from .signals import calls_going
from .transcripts import FORMATS
from .voice.recorder import spool_folder


@receiver(personal_data_requested, dispatch_uid="calls.export")
def export_calls(sender: Any, *, user: Any, **kwargs: Any) -> tuple[str, list[dict[str, Any]]]:
    """Every call with what both sides said. Recordings and transcripts go along as files."""
    calls = Call.objects.filter(trainee=user).prefetch_related("turns").select_related("recording")
    return "calls", [
        {
            "id": call.pk,
            "title": call.title,
            "mode": call.mode,
            "status": call.status,
            "started_at": call.started_at,
            "ended_at": call.ended_at,
            "recorded": hasattr(call, "recording"),
            "turns": [{"role": turn.role, "content": turn.content} for turn in call.turns.all()],
        }
        for call in calls.order_by("created_at")
    ]


@receiver(personal_files_requested, dispatch_uid="calls.export_files")
def export_files(sender: Any, *, user: Any, **kwargs: Any) -> list[PersonalFile]:
    """The transcript of every call, and its recording where there is one."""
    files = []
    for call in Call.objects.filter(trainee=user).select_related("trainee", "recording").order_by("created_at"):
        folder = f"calls/{call.created_at:%Y-%m-%d}-{call.pk}"
        for extension in ("txt", "json"):
            files.append(PersonalFile(f"{folder}/transcript.{extension}", partial(_transcript, call, extension)))
        if hasattr(call, "recording"):
            name = call.recording.file_name
            suffix = name.rpartition(".")[2]
            files.append(PersonalFile(f"{folder}/recording.{suffix}", partial(default_storage.open, name)))
    return files


def _transcript(call: Call, extension: str) -> BytesIO:
    _content_type, write = FORMATS[extension]
    return BytesIO(write(call, call.turns.order_by("seq")))


@receiver(person_erased, dispatch_uid="calls.erase")
def erase_calls(sender: Any, *, user: Any, **kwargs: Any) -> None:
    """Delete the person's calls with turns, scores and recordings; the files go once the erasure is committed."""
    call_ids = list(Call.objects.filter(trainee=user).values_list("pk", flat=True))
    files = list(Recording.objects.filter(call_id__in=call_ids).values_list("file_name", flat=True))
    calls_going.send(sender=Call, call_ids=call_ids)
    told = VendorConversation.objects.filter(call_id__in=call_ids).values_list("conversation_id", flat=True)
    ledger.forget(conversation_ids=list(told))
    Call.objects.filter(pk__in=call_ids).delete()
    schema_name = current_schema()
    transaction.on_commit(partial(_delete_files, schema_name, files))
    for call_id in call_ids:
        transaction.on_commit(partial(shutil.rmtree, spool_folder(schema_name, call_id), ignore_errors=True))


def _delete_files(schema_name: str, names: list[str]) -> None:
    with schema_context(schema_name):
        for name in names:
            default_storage.delete(name)
