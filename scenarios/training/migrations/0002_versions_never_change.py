"""Published versions of tracks and programs are guarded by the database, as every other version is."""

from django.db import migrations

TABLES = ("training_trackversion", "training_programversion")
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
    dependencies = [("training", "0001_initial"), ("tenants", "0003_rows_that_never_change")]

    operations = [
        migrations.RunSQL(FORWARDS.format(table=table), BACKWARDS.format(table=table)) for table in TABLES
    ]
