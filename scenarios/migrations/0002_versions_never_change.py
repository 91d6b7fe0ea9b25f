"""Published versions are guarded by the database: their status may move, everything else stays as it was published."""

from django.db import migrations

TABLES = ("scenarios_personaversion", "scenarios_rubricversion", "scenarios_scenarioversion")
FORWARDS = """
CREATE TRIGGER keep_changed BEFORE UPDATE ON {table}
    FOR EACH ROW EXECUTE FUNCTION public.parley_keep('status');
CREATE TRIGGER keep_deleted BEFORE DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION public.parley_keep();
"""
BACKWARDS = """
DROP TRIGGER keep_changed ON {table};
DROP TRIGGER keep_deleted ON {table};
"""


class Migration(migrations.Migration):
    dependencies = [("scenarios", "0001_initial"), ("tenants", "0003_rows_that_never_change")]

    operations = [
        migrations.RunSQL(FORWARDS.format(table=table), BACKWARDS.format(table=table)) for table in TABLES
    ]
