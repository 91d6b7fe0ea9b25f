"""In a branching call several people speak for the buyer's side: a turn says which of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0008_calls_of_assignments")]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="speaker",
            field=models.CharField(blank=True, max_length=80),
        ),
    ]
