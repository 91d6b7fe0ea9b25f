"""A scenario may branch: its stages and what leads from one to the next."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scenarios", "0004_kinds_of_criteria")]

    operations = [
        migrations.AddField(
            model_name="scenario",
            name="graph",
            field=models.JSONField(blank=True, null=True, verbose_name="branching"),
        ),
    ]
