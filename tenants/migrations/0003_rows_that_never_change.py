"""Two functions for triggers of the organisations' tables, written once in `public`.

`parley_keep(columns…)` refuses a change of a row except in the named columns, and its deletion, unless `parley.erasing` is set
for the transaction (`tenants.guards.erasing`). `parley_goes_with(column, table)` refuses, when the transaction ends, that a row
is gone while the row it belongs to is still there.
"""

from django.db import migrations

FORWARDS = """
CREATE OR REPLACE FUNCTION public.parley_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    changed text;
BEGIN
    IF current_setting('parley.erasing', true) = 'on' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a row of % is never deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT string_agg(after.key, ', ') INTO changed FROM jsonb_each(to_jsonb(NEW)) AS after
    WHERE after.value IS DISTINCT FROM before -> after.key AND NOT after.key = ANY (coalesce(TG_ARGV, '{}'));
    IF changed IS NOT NULL THEN
        RAISE EXCEPTION 'a row of % never changes: %', TG_TABLE_NAME, changed USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION public.parley_goes_with() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owner_id uuid := to_jsonb(OLD) ->> TG_ARGV[0];
    owned boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I.%I WHERE id = $1)', TG_TABLE_SCHEMA, TG_ARGV[1])
        INTO owned USING owner_id;
    IF owned THEN
        RAISE EXCEPTION 'a row of % is deleted with its % only', TG_TABLE_NAME, TG_ARGV[1]
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;
"""
BACKWARDS = """
DROP FUNCTION IF EXISTS public.parley_keep();
DROP FUNCTION IF EXISTS public.parley_goes_with();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0002_voice_policy")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
