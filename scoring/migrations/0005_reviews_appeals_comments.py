"""People: their own marks for a call, trainees' objections and who decided them, remarks beside a call."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEY = models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)


def to(target, on_delete=django.db.models.deletion.CASCADE, related_name="+", **more):
    return models.ForeignKey(on_delete=on_delete, related_name=related_name, to=target, **more)


PROTECT = django.db.models.deletion.PROTECT
USER = settings.AUTH_USER_MODEL
MAYBE = {"null": True, "blank": True}


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("calls", "0006_vendor_conversations"),
        ("scenarios", "0003_presets_are_recorded"),
        ("scoring", "0004_readings_and_people"),
    ]

    operations = [
        migrations.AddField(
            model_name="criterionresult",
            name="kind",
            field=models.CharField(blank=True, default="", max_length=20, verbose_name="kind"),
            preserve_default=False,
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", KEY),
                ("criterion", models.CharField(max_length=60, verbose_name="criterion")),
                ("criterion_name", models.CharField(max_length=120, verbose_name="name of the criterion")),
                ("mark", models.PositiveSmallIntegerField(verbose_name="contested mark")),
                ("reason", models.TextField(verbose_name="reason")),
                ("start", models.PositiveIntegerField(**MAYBE)),
                ("end", models.PositiveIntegerField(**MAYBE)),
                ("quote", models.TextField(blank=True, verbose_name="passage")),
                ("opened_at", models.DateTimeField(auto_now_add=True, verbose_name="contested")),
                ("due_at", models.DateTimeField(verbose_name="answer due")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "waits for a second person"),
                            ("taken", "being looked at"),
                            ("stands", "the mark stands"),
                            ("overturned", "the mark was changed"),
                        ],
                        default="open",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("taken_at", models.DateTimeField(**MAYBE)),
                ("decided_at", models.DateTimeField(verbose_name="decided", **MAYBE)),
                ("decision", models.TextField(blank=True, verbose_name="reason of the decision")),
                ("new_mark", models.PositiveSmallIntegerField(verbose_name="new mark", **MAYBE)),
                ("call", to("calls.call", related_name="appeals", verbose_name="call")),
                ("human_run", to("scoring.scorerun", **MAYBE)),
                ("opened_by", to(USER, PROTECT, verbose_name="contested by")),
                ("run", to("scoring.scorerun")),
                ("taken_by", to(USER, PROTECT, **MAYBE)),
                ("turn", to("calls.turn", **MAYBE)),
            ],
            options={
                "verbose_name": "appeal",
                "verbose_name_plural": "appeals",
                "ordering": ["due_at"],
                "indexes": [models.Index(fields=["state", "due_at"], name="scoring_appeal_due")],
                "constraints": [
                    models.UniqueConstraint(fields=("call", "criterion"), name="scoring_appeal_once"),
                    models.CheckConstraint(
                        condition=models.Q(mark__lte=100)
                        & (models.Q(new_mark__isnull=True) | models.Q(new_mark__lte=100)),
                        name="scoring_appeal_mark_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(state="open") | models.Q(taken_by__isnull=False),
                        name="scoring_appeal_taken_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(taken_by__isnull=True) | ~models.Q(taken_by=models.F("opened_by")),
                        name="scoring_appeal_not_by_oneself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", KEY),
                (
                    "blind",
                    models.BooleanField(default=False, verbose_name="without having seen the judge's marks"),
                ),
                ("marks", models.JSONField(default=dict, verbose_name="marks")),
                ("note", models.TextField(blank=True, verbose_name="note")),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("kept", "the score was kept"), ("overridden", "the score was replaced")],
                        max_length=12,
                        verbose_name="outcome",
                    ),
                ),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="begun")),
                ("submitted_at", models.DateTimeField(verbose_name="handed in", **MAYBE)),
                ("decided_at", models.DateTimeField(verbose_name="decided", **MAYBE)),
                ("appeal", to("scoring.appeal", related_name="reviews", **MAYBE)),
                ("call", to("calls.call", related_name="reviews", verbose_name="call")),
                ("reviewer", to(USER, PROTECT, verbose_name="reviewer")),
                ("rubric_version", to("scenarios.rubricversion", PROTECT)),
                ("run", to("scoring.scorerun", **MAYBE)),
            ],
            options={
                "verbose_name": "review",
                "verbose_name_plural": "reviews",
                "ordering": ["-started_at"],
                "indexes": [models.Index(fields=["call", "outcome"], name="scoring_review_outcome")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("call", "reviewer", "rubric_version"),
                        condition=models.Q(appeal__isnull=True),
                        name="scoring_review_once",
                    ),
                    models.UniqueConstraint(fields=("appeal", "reviewer"), name="scoring_review_once_per_appeal"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ScoreSeen",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("call", to("calls.call")),
                ("user", to(USER)),
            ],
            options={
                "verbose_name": "score seen",
                "verbose_name_plural": "scores seen",
                "constraints": [models.UniqueConstraint(fields=("call", "user"), name="scoring_seen_once")],
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", KEY),
                ("body", models.TextField(verbose_name="comment")),
                ("at_ms", models.PositiveIntegerField(verbose_name="time in the call", **MAYBE)),
                ("criterion", models.CharField(blank=True, max_length=60, verbose_name="criterion")),
                (
                    "visibility",
                    models.CharField(
                        choices=[("trainee", "the trainee and managers"), ("managers", "managers only")],
                        default="trainee",
                        max_length=10,
                        verbose_name="who sees it",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="written")),
                ("author", to(USER, PROTECT, verbose_name="author")),
                ("call", to("calls.call", related_name="comments", verbose_name="call")),
                ("mentioned", models.ManyToManyField(blank=True, related_name="+", to=USER)),
                ("turn", to("calls.turn", **MAYBE)),
            ],
            options={
                "verbose_name": "comment",
                "verbose_name_plural": "comments",
                "ordering": ["created_at"],
                "indexes": [models.Index(fields=["call", "created_at"], name="scoring_comment_order")],
            },
        ),
    ]
