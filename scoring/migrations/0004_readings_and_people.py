"""Several readings of one call, scores set by a person, and scores too near the pass mark to decide."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

RUN = "scoring.scorerun"


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("scoring", "0003_runs_never_change"),
    ]

    operations = [
        migrations.AlterField(
            model_name="scorerun",
            name="track",
            field=models.CharField(
                choices=[("quick", "quick score"), ("deep", "debrief"), ("human", "set by a person")],
                max_length=10,
                verbose_name="track",
            ),
        ),
        migrations.AlterField(
            model_name="scorerun",
            name="passed",
            field=models.BooleanField(null=True, verbose_name="passed"),
        ),
        migrations.AddField(
            model_name="scorerun",
            name="group",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="readings",
                to=RUN,
            ),
        ),
        migrations.AddField(
            model_name="scorerun",
            name="base_run",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=RUN,
                verbose_name="corrects",
            ),
        ),
        migrations.AddField(
            model_name="scorerun",
            name="made_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="set by",
            ),
        ),
        migrations.AddField(
            model_name="scorerun",
            name="reason",
            field=models.TextField(blank=True, default="", verbose_name="reason"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="scorerun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("judged_by", "human"), _negated=True),
                    models.Q(("made_by__isnull", False), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="scoring_run_person_gives_reason",
            ),
        ),
        migrations.AddField(
            model_name="score",
            name="human_run",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=RUN,
            ),
        ),
        migrations.AlterField(
            model_name="score",
            name="state",
            field=models.CharField(
                choices=[
                    ("pending", "being scored"),
                    ("quick", "quick score ready"),
                    ("ready", "ready"),
                    ("needs_review", "waits for a person's decision"),
                    ("not_gradable", "too short to score"),
                ],
                default="pending",
                max_length=15,
            ),
        ),
    ]
