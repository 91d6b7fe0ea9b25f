"""Sound is paid for by the second, so entries say how many there were."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0004_costs_and_budgets"),
    ]

    operations = [
        migrations.AddField(
            model_name="modelcall",
            name="sound_seconds",
            field=models.PositiveIntegerField(default=0, verbose_name="seconds of sound"),
        ),
    ]
