"""What language models cost, request by request, and what they may cost in a month."""

import uuid
from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0003_voice_policy"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="ModelCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="at")),
                ("task", models.CharField(max_length=20, verbose_name="work")),
                ("vendor", models.CharField(max_length=20, verbose_name="vendor")),
                ("model", models.CharField(max_length=120, verbose_name="model")),
                ("prompt_version", models.CharField(blank=True, max_length=40, verbose_name="prompt")),
                ("input_tokens", models.PositiveIntegerField(default=0, verbose_name="tokens in")),
                ("output_tokens", models.PositiveIntegerField(default=0, verbose_name="tokens out")),
                ("ms", models.PositiveIntegerField(verbose_name="milliseconds")),
                (
                    "cost_usd",
                    models.DecimalField(
                        decimal_places=6, default=Decimal("0"), max_digits=12, verbose_name="cost (US dollars)"
                    ),
                ),
                ("price_known", models.BooleanField(default=True, verbose_name="by its own price")),
                ("outcome", models.CharField(max_length=20, verbose_name="outcome")),
                (
                    "repair",
                    models.BooleanField(default=False, verbose_name="second try after an answer of no use"),
                ),
                (
                    "own_account",
                    models.BooleanField(default=False, verbose_name="with the organisation's own key"),
                ),
                ("reference", models.CharField(blank=True, editable=False, max_length=64)),
                ("teams", models.JSONField(default=list, editable=False)),
            ],
            options={
                "verbose_name": "request to a language model",
                "verbose_name_plural": "requests to language models",
                "ordering": ["-at"],
                "indexes": [models.Index(fields=["-at"], name="integrations_modelcall_newest")],
            },
        ),
        migrations.CreateModel(
            name="Budget",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "monthly_usd",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=10,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="US dollars a month",
                    ),
                ),
                (
                    "when_spent",
                    models.CharField(
                        choices=[
                            ("embedded", "calls go on, judged by Parley's own engine"),
                            ("stop", "no new calls start until the next month"),
                        ],
                        default="embedded",
                        max_length=10,
                        verbose_name="when it is used up",
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "team",
                    models.OneToOneField(
                        blank=True,
                        help_text="Empty: the whole organisation.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.team",
                        verbose_name="team",
                    ),
                ),
            ],
            options={
                "verbose_name": "budget",
                "verbose_name_plural": "budgets",
                "ordering": ["team__name"],
            },
        ),
        migrations.CreateModel(
            name="BudgetMonth",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("spent_usd", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=12)),
                (
                    "budget",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="months",
                        to="integrations.budget",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ticket", models.UUIDField(db_index=True)),
                ("usd", models.DecimalField(decimal_places=6, max_digits=12)),
                ("expires_at", models.DateTimeField()),
                (
                    "month",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reservations",
                        to="integrations.budgetmonth",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.UniqueConstraint(
                fields=("team",), name="integrations_budget_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="budget",
            constraint=models.CheckConstraint(
                condition=models.Q(("monthly_usd__gte", 0)), name="integrations_budget_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="budgetmonth",
            constraint=models.UniqueConstraint(
                fields=("budget", "month"), name="integrations_budget_month_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.UniqueConstraint(
                fields=("ticket", "month"), name="integrations_reservation_once"
            ),
        ),
    ]
