"""A cloned schema is its template to the last definition, and stays out of its neighbours."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django_tenants.utils import schema_exists

from tenants.cloning import clone_schema
from tests.cast import Cast

# Each names what it describes without its schema, as the search path lets it.
DEFINITIONS = {
    "columns": """
        SELECT relname, attname, attnum, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, attstorage,
               attcollation, pg_get_expr(adbin, adrelid)
        FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = %s::regnamespace AND relkind = 'r'""",
    "constraints": """
        SELECT relname, conname, contype, pg_get_constraintdef(pg_constraint.oid, true)
        FROM pg_class JOIN pg_constraint ON conrelid = pg_class.oid WHERE relnamespace = %s::regnamespace""",
    "indexes": """
        SELECT relname, indisunique, pg_get_indexdef(pg_class.oid, 0, true)
        FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid WHERE relnamespace = %s::regnamespace""",
    "triggers": """
        SELECT relname, tgname, tgenabled, tgdeferrable, tginitdeferred, pg_get_triggerdef(pg_trigger.oid, true)
        FROM pg_class JOIN pg_trigger ON tgrelid = pg_class.oid AND NOT tgisinternal
        WHERE relnamespace = %s::regnamespace""",
    # Not their type: a column that a migration made larger keeps its small sequence, and the clone's fits the column.
    "sequences": """
        SELECT relname, seqstart, seqincrement, seqcycle, pg_sequence_last_value(pg_class.oid)
        FROM pg_class JOIN pg_sequence ON seqrelid = pg_class.oid WHERE relnamespace = %s::regnamespace""",
}

# An expression that was read again has its casts in other places, though it means the same.
CASTS = re.compile(r"::[a-z ]+(?:\[\])?|[()]")


def described(schema: str) -> dict[str, list[Any]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('search_path')")
        before = cursor.fetchone()[0]
        cursor.execute(f"SET LOCAL search_path = {schema}, public")
        told = {}
        for name, query in DEFINITIONS.items():
            cursor.execute(query, [schema])
            told[name] = sorted(
                (
                    tuple(CASTS.sub("", value) if isinstance(value, str) else value for value in row)
                    for row in cursor.fetchall()
                ),
                key=repr,
            )
        cursor.execute(f"SET LOCAL search_path = {before}")
    return told


def test_the_clone_is_described_as_its_template_is(cast: Cast) -> None:
    clone_schema(settings.TENANT_TEMPLATE_SCHEMA, "cloned")
    template, clone = described(settings.TENANT_TEMPLATE_SCHEMA), described("cloned")
    assert all(template.values()), "nothing was compared"
    for name, definitions in template.items():
        assert clone[name] == definitions, name


def test_rows_come_along_and_new_ones_get_numbers_after_them(cast: Cast) -> None:
    clone_schema(settings.TENANT_TEMPLATE_SCHEMA, "cloned")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT app, name FROM {settings.TENANT_TEMPLATE_SCHEMA}.django_migrations ORDER BY id")
        theirs = cursor.fetchall()
        cursor.execute("SELECT app, name FROM cloned.django_migrations ORDER BY id")
        assert cursor.fetchall() == theirs != []
        cursor.execute(
            "INSERT INTO cloned.django_migrations (app, name, applied) VALUES ('next', '0001', now())"
            " RETURNING id > ALL (SELECT id FROM cloned.django_migrations)"
        )
        assert cursor.fetchone() == (True,)


def test_the_template_holds_nothing_that_is_not_cloned(cast: Cast) -> None:
    """Somebody who adds a view, a function, a type or a partition to an organisation's schema extends `tenants.cloning`."""
    strange = {
        "relations": "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind NOT IN ('r', 'i', 'S')",
        "loose sequences": """SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'S'
                              AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'i')""",
        "functions": "SELECT proname FROM pg_proc WHERE pronamespace = %s::regnamespace",
        "types": "SELECT typname FROM pg_type WHERE typnamespace = %s::regnamespace AND typtype NOT IN ('c', 'b')",
        "policies": """SELECT polname FROM pg_policy JOIN pg_class ON polrelid = pg_class.oid
                       WHERE relnamespace = %s::regnamespace""",
        "heirs": """SELECT relname FROM pg_class JOIN pg_inherits ON inhrelid = pg_class.oid
                    WHERE relnamespace = %s::regnamespace""",
    }
    for kind, query in strange.items():
        with connection.cursor() as cursor:
            cursor.execute(query, [settings.TENANT_TEMPLATE_SCHEMA])
            assert cursor.fetchall() == [], kind


def test_a_name_that_is_there_is_refused_and_nothing_half_made_stays(cast: Cast) -> None:
    before = described(cast.acme.schema_name)
    with pytest.raises(ProgrammingError), transaction.atomic():
        clone_schema(settings.TENANT_TEMPLATE_SCHEMA, cast.acme.schema_name)
    assert described(cast.acme.schema_name) == before
    with pytest.raises(ProgrammingError), transaction.atomic():
        clone_schema("no_such_template", "cloned")
    assert not schema_exists("cloned")
