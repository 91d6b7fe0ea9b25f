from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flights", "0001_flights_and_their_calls")]

    operations = [
        migrations.AddField(
            model_name="flightrun",
            name="buyer",
            field=models.CharField(blank=True, default="", max_length=10),
            preserve_default=False,
        ),
    ]
