"""Criteria of several parts, criteria that follow a document, and what a half-met one earns."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scenarios", "0003_presets_are_recorded")]

    operations = [
        migrations.AlterField(
            model_name="criterion",
            name="kind",
            field=models.CharField(
                choices=[
                    ("rated", "rated 0–100"),
                    ("binary", "yes or no"),
                    ("compound", "several parts"),
                    ("grounded", "agrees with a document"),
                    ("blocker", "must not fail"),
                ],
                default="rated",
                max_length=10,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="criterion",
            name="parts",
            field=models.JSONField(blank=True, default=list, verbose_name="parts"),
        ),
        migrations.AddField(
            model_name="criterion",
            name="source",
            field=models.TextField(blank=True, verbose_name="the document"),
        ),
        migrations.AddField(
            model_name="criterion",
            name="partial",
            field=models.PositiveSmallIntegerField(
                default=0,
                validators=[django.core.validators.MaxValueValidator(99)],
                verbose_name="points when half met",
            ),
        ),
        migrations.AddField(
            model_name="criterion",
            name="must_come_up",
            field=models.BooleanField(default=False, verbose_name="must come up in every call"),
        ),
        migrations.AddConstraint(
            model_name="criterion",
            constraint=models.CheckConstraint(
                condition=models.Q(("partial__lte", 99)), name="scenarios_criterion_partial_range"
            ),
        ),
    ]
