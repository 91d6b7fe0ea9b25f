"""Names outside SQL carry the schema: cache, files, groups, tasks, async hops."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from celery import shared_task
from django.core.cache import cache
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django_tenants.utils import schema_context

from accounts.people.models import Team
from tenants.context import current_organization, in_schema
from tenants.names import call_group, redis_key
from tenants.schemas import current_schema
from tenants.tasks import TaskWithoutOrganization, TenantTask, for_each_organization
from tests.cast import Cast

SEEN: list[str] = []


@shared_task(base=TenantTask, name="tests.note_schema")
def note_schema() -> None:
    SEEN.append(current_schema())


def test_cache_keys_do_not_meet(cast: Cast) -> None:
    with schema_context(cast.acme.schema_name):
        cache.set("secret", "acme's")
    with schema_context(cast.globex.schema_name):
        assert cache.get("secret") is None
        cache.set("secret", "globex's")
    with schema_context(cast.acme.schema_name):
        assert cache.get("secret") == "acme's"


def test_files_do_not_meet(cast: Cast) -> None:
    with schema_context(cast.acme.schema_name):
        name = default_storage.save(f"{uuid4()}.txt", ContentFile(b"acme's"))
        assert default_storage.open(name).read() == b"acme's"
    with schema_context(cast.globex.schema_name):
        assert not default_storage.exists(name)


@pytest.mark.parametrize("name", ["../org_acme/x", "/etc/passwd", "a/../../b"])
def test_a_file_name_cannot_leave_the_folder(cast: Cast, name: str) -> None:
    with schema_context(cast.globex.schema_name), pytest.raises(SuspiciousFileOperation):
        default_storage.exists(name)


def test_private_files_have_no_url(cast: Cast) -> None:
    with pytest.raises(ValueError, match="sign a link"):
        default_storage.url("x")


def test_groups_and_redis_keys_carry_the_schema() -> None:
    call = uuid4()
    assert call_group("org_acme", call) != call_group("org_globex", call)
    assert redis_key("org_acme", "quick", call) == f"parley:org_acme:quick:{call}"


def test_a_task_without_organisation_is_refused(cast: Cast) -> None:
    with pytest.raises(TaskWithoutOrganization):
        note_schema.delay()


def test_a_task_whose_organisation_is_gone_is_dropped(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    """It was sent, and then the organisation was dropped: nobody else's rows are touched, and nothing is an error."""
    SEEN.clear()
    with schema_context(cast.acme.schema_name):
        answer = note_schema.apply(headers={"_schema_name": "org_gone"})
        assert current_schema() == cast.acme.schema_name
    assert answer.state == "IGNORED"
    assert SEEN == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_fan_out_visits_open_organisations_only(cast: Cast) -> None:
    SEEN.clear()
    assert for_each_organization(note_schema) == 2
    assert sorted(SEEN) == ["org_acme", "org_globex"]


@pytest.mark.django_db(transaction=False)
def test_async_hops_each_read_their_own_schema(cast: Cast) -> None:
    read = in_schema(lambda: (current_schema(), current_organization().slug, Team.objects.count()))

    async def many() -> list[tuple[str, tuple[str, str, int]]]:
        schemas = ["org_acme", "org_globex"] * 20
        answers = await asyncio.gather(*[read(schema) for schema in schemas])
        return list(zip(schemas, answers, strict=True))

    for schema, (seen, slug, _teams) in asyncio.run(many()):
        assert seen == schema
        assert schema == f"org_{slug}"
