"""A prompt that was reviewed is guarded by the database: only its state and who did what when may change."""

from django.db import migrations

FORWARDS = """
CREATE TRIGGER keep_changed BEFORE UPDATE ON prompts_promptversion
    FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION public.parley_keep(
        'state', 'reviewed_by_id', 'reviewed_at', 'activated_by_id', 'activated_at'
    );
CREATE TRIGGER keep_deleted BEFORE DELETE ON prompts_promptversion
    FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION public.parley_keep();
"""
BACKWARDS = """
DROP TRIGGER keep_changed ON prompts_promptversion;
DROP TRIGGER keep_deleted ON prompts_promptversion;
"""


class Migration(migrations.Migration):
    dependencies = [("prompts", "0001_initial"), ("tenants", "0003_rows_that_never_change")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
