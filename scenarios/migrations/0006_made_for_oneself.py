from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scenarios", "0005_scenarios_may_branch"),
    ]

    operations = [
        migrations.AddField(
            model_name="persona",
            name="made_for_oneself",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="scenario",
            name="made_for_oneself",
            field=models.BooleanField(default=False, editable=False),
        ),
    ]
