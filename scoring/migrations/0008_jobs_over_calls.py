"""What a change of a rubric would do to scored calls, and scoring them again."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0001_initial"),
        ("scenarios", "0004_kinds_of_criteria"),
        ("scoring", "0007_calibration"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RubricImpact",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("running", "running"), ("done", "done")],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0, verbose_name="calls")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="done")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="asked for")),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked for by",
                    ),
                ),
                (
                    "rubric",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="scenarios.rubric",
                        verbose_name="rubric",
                    ),
                ),
                ("content", models.JSONField()),
                ("content_hash", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "impact of a rubric",
                "verbose_name_plural": "impacts of rubrics",
                "ordering": ["-created_at"],
                "indexes": [models.Index(fields=["rubric", "-created_at"], name="scoring_impact_newest")],
            },
        ),
        migrations.CreateModel(
            name="Rescoring",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("running", "running"), ("done", "done")],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("total", models.PositiveIntegerField(default=0, verbose_name="calls")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="done")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="asked for")),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                (
                    "requested_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked for by",
                    ),
                ),
                (
                    "rubric",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="scenarios.rubric",
                        verbose_name="rubric",
                    ),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("keep", "keep what was judged, judge only what the rubric changed"),
                            ("anew", "ask the judge again about everything"),
                        ],
                        default="keep",
                        max_length=5,
                        verbose_name="how",
                    ),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                (
                    "rubric_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="scenarios.rubricversion",
                        verbose_name="rubric version",
                    ),
                ),
            ],
            options={
                "verbose_name": "re-scoring",
                "verbose_name_plural": "re-scorings",
                "ordering": ["-created_at"],
                "indexes": [models.Index(fields=["rubric", "-created_at"], name="scoring_rescoring_newest")],
            },
        ),
        migrations.CreateModel(
            name="ImpactOutcome",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before_score", models.PositiveSmallIntegerField(verbose_name="score before")),
                ("before_passed", models.BooleanField(null=True, verbose_name="passed before")),
                ("after_score", models.PositiveSmallIntegerField(null=True, verbose_name="score after")),
                ("after_passed", models.BooleanField(null=True, verbose_name="passed after")),
                ("set_by_person", models.BooleanField(default=False)),
                ("criteria", models.JSONField(default=list)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, max_length=60)),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="calls.call",
                        verbose_name="call",
                    ),
                ),
                (
                    "impact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="outcomes", to="scoring.rubricimpact"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [models.UniqueConstraint(fields=("impact", "call"), name="scoring_impact_call_once")],
            },
        ),
        migrations.CreateModel(
            name="RescoredCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before_score", models.PositiveSmallIntegerField(verbose_name="score before")),
                ("before_passed", models.BooleanField(null=True, verbose_name="passed before")),
                ("after_score", models.PositiveSmallIntegerField(null=True, verbose_name="score after")),
                ("after_passed", models.BooleanField(null=True, verbose_name="passed after")),
                ("set_by_person", models.BooleanField(default=False)),
                ("criteria", models.JSONField(default=list)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, max_length=60)),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="calls.call",
                        verbose_name="call",
                    ),
                ),
                (
                    "rescoring",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="outcomes", to="scoring.rescoring"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="scoring.scorerun"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("rescoring", "call"), name="scoring_rescored_call_once")
                ],
            },
        ),
    ]
