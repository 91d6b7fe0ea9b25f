"""Score runs are guarded by the database: never changed, deleted with their call only."""

from django.db import migrations

FORWARDS = """
CREATE TRIGGER keep_changed BEFORE UPDATE ON scoring_scorerun
    FOR EACH ROW EXECUTE FUNCTION public.parley_keep();
CREATE CONSTRAINT TRIGGER keep_deleted AFTER DELETE ON scoring_scorerun DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.parley_goes_with('call_id', 'calls_call');
"""
BACKWARDS = """
DROP TRIGGER keep_changed ON scoring_scorerun;
DROP TRIGGER keep_deleted ON scoring_scorerun;
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0002_names_of_fields"), ("tenants", "0003_rows_that_never_change")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
