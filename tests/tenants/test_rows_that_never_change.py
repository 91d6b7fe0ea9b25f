"""What never changes is guarded by the database itself, in every organisation, and does not stand in erasure's way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django_tenants.utils import schema_context

from accounts.erasure import erase_person
from accounts.people import audit
from accounts.people.models import AuditEvent
from calls import events
from calls.models import Call, CallEvent
from scenarios import publishing
from scenarios.models import PersonaVersion, RubricVersion, ScenarioVersion, Status
from scoring.models import ScoreRun
from tenants.guards import erasing
from tenants.provisioning import open_organization
from tests.cast import Cast
from tests.factories import make_scored_call

VERSIONS = (PersonaVersion, RubricVersion, ScenarioVersion)


@pytest.fixture
def rows(in_acme: Cast) -> Cast:
    """One of everything that is kept."""
    call = make_scored_call(trainee=in_acme.ada)
    events.announce(call.pk, "call:ended", {})
    audit.record(in_acme.cy, "thing.done", email="ada@cast.test")
    return in_acme


def change(table: str, column: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = {column} || '{{\"x\": 1}}'")


def delete(table: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


CONTENT = [(model._meta.db_table, "content") for model in VERSIONS]
CONTENT += [("scoring_scorerun", "result"), ("calls_callevent", "data"), ("people_auditevent", "data")]


@pytest.mark.parametrize(("table", "column"), CONTENT)
def test_no_statement_changes_or_deletes_them(rows: Cast, table: str, column: str) -> None:
    with pytest.raises(IntegrityError, match="never changes"):
        change(table, column)
    with pytest.raises(IntegrityError, match=r"never deleted|deleted with its calls_call only|violates foreign key"):
        delete(table)


@pytest.mark.parametrize("model", VERSIONS)
def test_a_version_is_archived_and_nothing_else(rows: Cast, model: type[Any]) -> None:
    assert model.objects.update(status=Status.ARCHIVED) > 0
    with pytest.raises(IntegrityError, match="number"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {model._meta.db_table} SET number = number + 1")


def test_publishing_again_archives_the_version_before(in_acme: Cast) -> None:
    first = ScenarioVersion.objects.filter(status=Status.PUBLISHED).first()
    assert first is not None
    scenario = first.scenario
    scenario.title = "Another title"
    scenario.save()
    publishing.touch(item=scenario)
    second = publishing.publish_scenario(scenario=scenario)
    first.refresh_from_db()
    assert (first.status, second.status) == (Status.ARCHIVED, Status.PUBLISHED)


def test_a_call_goes_with_all_that_belongs_to_it(rows: Cast) -> None:
    call = Call.objects.get(trainee=rows.ada)
    with transaction.atomic():
        call.score.delete()
        call.delete()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not CallEvent.objects.exists()
    assert not ScoreRun.objects.exists()


def test_somebody_is_forgotten_all_the_same(rows: Cast) -> None:
    erase_person(user=rows.ada, organization=rows.acme, confirm="ada@cast.test")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not Call.objects.filter(trainee=rows.ada).exists()
    assert AuditEvent.objects.get(action="thing.done").data == {"email": "erased"}


def test_the_permission_to_erase_ends_with_its_block(rows: Cast) -> None:
    with erasing():
        AuditEvent.objects.all().update(action="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEvent.objects.all().update(action="y")
    with pytest.raises(ZeroDivisionError), erasing():
        raise ZeroDivisionError
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEvent.objects.all().update(action="z")


@pytest.fixture
def newcomer(db: None) -> Iterator[str]:
    """An organisation opened now, as a clone of the template."""
    organization = open_organization(slug="newcomer", name="Newcomer")
    yield organization.schema_name
    connection.set_schema_to_public()


def test_a_new_organisation_is_guarded_from_its_first_day(newcomer: str) -> None:
    with schema_context(newcomer):
        with pytest.raises(IntegrityError, match="never changes"):
            change("scenarios_scenarioversion", "content")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND t.tgname LIKE 'keep_%%'",
                [newcomer],
            )
            assert cursor.fetchone() == (15,)
