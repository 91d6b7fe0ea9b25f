"""Events of a call are guarded by the database: never changed, deleted with their call only."""

from django.db import migrations

FORWARDS = """
CREATE TRIGGER keep_changed BEFORE UPDATE ON calls_callevent
    FOR EACH ROW EXECUTE FUNCTION public.parley_keep();
CREATE CONSTRAINT TRIGGER keep_deleted AFTER DELETE ON calls_callevent DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.parley_goes_with('call_id', 'calls_call');
"""
BACKWARDS = """
DROP TRIGGER keep_changed ON calls_callevent;
DROP TRIGGER keep_deleted ON calls_callevent;
"""


class Migration(migrations.Migration):
    dependencies = [("calls", "0004_events_for_the_record_only"), ("tenants", "0003_rows_that_never_change")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
