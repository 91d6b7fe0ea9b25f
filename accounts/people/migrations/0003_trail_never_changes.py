"""The audit trail is guarded by the database: rows are written, never changed and never deleted."""

from django.db import migrations

FORWARDS = """
CREATE TRIGGER keep_all BEFORE UPDATE OR DELETE ON people_auditevent
    FOR EACH ROW EXECUTE FUNCTION public.parley_keep();
"""
BACKWARDS = "DROP TRIGGER keep_all ON people_auditevent;"


class Migration(migrations.Migration):
    dependencies = [("people", "0002_names_of_fields"), ("tenants", "0003_rows_that_never_change")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
