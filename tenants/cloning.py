"""A schema with the tables of another one, made in one message to the server.

django-tenants brings a function that clones any schema. It reads `information_schema`, whose views look at every table of
every organisation, so that opening took longer with each organisation that was there already. A schema of ours holds tables
only (with their indexes, constraints, identities and triggers; a test holds it), which the catalogue describes by the oid of
the schema, and which the server itself writes down as statements.

Names: definitions are read while the template is first on the search path and run while the new schema is. The server leaves
out the schema of what it finds by the path, so a reference within the template becomes one within the new schema, and one to
a table that all organisations share stays one to that table.
"""

from __future__ import annotations

from django.db import connection, transaction
from django_tenants.utils import quote_schema_name

from .schemas import enter_public

# In the order in which they can be run: rows before foreign keys and triggers, which would look at each row.
_DEFINITIONS = """
WITH tables AS (
    SELECT oid, relname AS name FROM pg_class WHERE relnamespace = %(template)s::regnamespace AND relkind = 'r'
), numbered AS MATERIALIZED (  -- first, since what follows must not be asked of anything that is not a sequence
    SELECT oid FROM pg_class WHERE relnamespace = %(template)s::regnamespace AND relkind = 'S'
)
SELECT 1 AS step, name,
       format('CREATE TABLE %%1$I (LIKE %%2$I.%%1$I INCLUDING ALL EXCLUDING INDEXES)', name, %(template)s) AS statement
FROM tables
UNION ALL
SELECT CASE WHEN contype = 'f' THEN 6 ELSE 2 END, name, format('ALTER TABLE %%I %%s', name, string_agg(
           format('ADD CONSTRAINT %%I %%s', conname, pg_get_constraintdef(pg_constraint.oid, true)), ', ' ORDER BY conname))
FROM tables JOIN pg_constraint ON conrelid = tables.oid AND contype IN ('p', 'u', 'x', 'f')
GROUP BY name, contype = 'f'
UNION ALL
SELECT 3, name, pg_get_indexdef(indexrelid, 0, true)
FROM tables JOIN pg_index ON indrelid = tables.oid
WHERE NOT EXISTS (
    SELECT FROM pg_constraint WHERE conrelid = tables.oid AND conindid = indexrelid AND contype IN ('p', 'u', 'x')
)
UNION ALL
SELECT 4, name, format('INSERT INTO %%1$I SELECT * FROM %%2$I.%%1$I', name, %(template)s)
FROM tables
UNION ALL
SELECT 5, name, format('SELECT setval(pg_get_serial_sequence(%%L, %%L), %%s)', quote_ident(name), attname,
                       pg_sequence_last_value(numbered.oid))
FROM numbered
JOIN pg_depend ON objid = numbered.oid AND classid = 'pg_class'::regclass
              AND refclassid = 'pg_class'::regclass AND deptype = 'i'
JOIN tables ON tables.oid = refobjid
JOIN pg_attribute ON attrelid = tables.oid AND attnum = refobjsubid
WHERE pg_sequence_last_value(numbered.oid) IS NOT NULL
UNION ALL
SELECT 7, name, pg_get_triggerdef(pg_trigger.oid, true)
FROM tables JOIN pg_trigger ON tgrelid = tables.oid AND NOT tgisinternal
ORDER BY step, name, statement
"""


def clone_schema(template: str, name: str) -> None:
    """Make the schema `name` with the tables and rows of `template`; all of it or nothing.

    Raises Django's `ProgrammingError` where there is no such template or `name` is there already.
    """
    source, target = quote_schema_name(template), quote_schema_name(name)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL search_path = {source}, public")
        cursor.execute(_DEFINITIONS, {"template": template})
        statements = [statement for _step, _table, statement in cursor.fetchall()]
        cursor.execute(f"CREATE SCHEMA {target}")
        cursor.execute(f"SET LOCAL search_path = {target}, public")
        cursor.execute(";\n".join(statements))
    enter_public()
