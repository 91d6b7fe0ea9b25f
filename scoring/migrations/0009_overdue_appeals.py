"""Those above are told once of an appeal that nobody answered in time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0008_jobs_over_calls")]

    operations = [
        migrations.AddField(
            model_name="appeal",
            name="reminded_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
