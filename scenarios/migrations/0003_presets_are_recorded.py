from django.db import migrations, models

# What organisations were given when they were opened, by the rows that came of it.
RECORD = """
INSERT INTO scenarios_presetrecord (kind, key, language, installed_at)
SELECT 'personas', preset_key, language, min(created_at) FROM scenarios_persona WHERE is_preset GROUP BY 2, 3
UNION ALL SELECT 'rubrics', preset_key, language, min(created_at) FROM scenarios_rubric WHERE is_preset GROUP BY 2, 3
UNION ALL SELECT 'scenarios', preset_key, language, min(created_at) FROM scenarios_scenario WHERE is_preset GROUP BY 2, 3;
"""


class Migration(migrations.Migration):
    dependencies = [("scenarios", "0002_versions_never_change")]

    operations = [
        migrations.CreateModel(
            name="PresetRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("key", models.CharField(max_length=80)),
                ("language", models.CharField(max_length=5)),
                ("installed_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "key", "language"), name="scenarios_preset_record_once")
                ],
            },
        ),
        migrations.RunSQL(RECORD, migrations.RunSQL.noop),
    ]
