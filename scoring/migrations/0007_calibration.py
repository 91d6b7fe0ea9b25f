"""How far judges agree with people, each time it was counted."""

import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scenarios", "0003_presets_are_recorded"),
        ("scoring", "0006_quotes_by_models"),
    ]

    operations = [
        migrations.CreateModel(
            name="Calibration",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("judged_by", models.CharField(max_length=40, verbose_name="judged by")),
                ("model", models.CharField(blank=True, max_length=120, verbose_name="model")),
                ("prompt_version", models.CharField(blank=True, max_length=60, verbose_name="prompt version")),
                ("language", models.CharField(max_length=5, verbose_name="language")),
                ("calls", models.PositiveIntegerField(verbose_name="calls")),
                ("reviews", models.PositiveIntegerField(verbose_name="blind reviews")),
                ("criteria", models.JSONField(default=list)),
                ("holds", models.BooleanField(verbose_name="agrees well enough")),
                ("inputs", models.CharField(max_length=64)),
                ("counted_at", models.DateTimeField(auto_now_add=True, verbose_name="counted")),
                (
                    "rubric_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="scenarios.rubricversion"
                    ),
                ),
            ],
            options={
                "verbose_name": "calibration",
                "verbose_name_plural": "calibrations",
                "ordering": ["-counted_at"],
                "indexes": [
                    models.Index(
                        fields=["rubric_version", "judged_by", "model", "prompt_version", "language", "-counted_at"],
                        name="scoring_calibration_current",
                    )
                ],
            },
        ),
    ]
