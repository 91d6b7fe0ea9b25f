from typing import Any

from django.db import migrations


def stand_apart(apps: Any, schema_editor: Any) -> None:
    waiting = apps.get_model("own_scenarios", "OwnScenario").objects.filter(adopted_at__isnull=True)
    scenarios = apps.get_model("scenarios", "Scenario").objects.filter(pk__in=waiting.values("scenario"))
    apps.get_model("scenarios", "Persona").objects.filter(pk__in=scenarios.values("persona")).update(
        made_for_oneself=True
    )
    scenarios.update(made_for_oneself=True)


class Migration(migrations.Migration):
    dependencies = [
        ("own_scenarios", "0001_scenarios_people_made"),
        ("scenarios", "0006_made_for_oneself"),
    ]

    operations = [migrations.RunPython(stand_apart, migrations.RunPython.noop)]
