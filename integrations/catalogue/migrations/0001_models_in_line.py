"""The list of models, with one spare for each vendor that says what takes the place of what it retires."""

from django.db import migrations, models

SPARES = (
    ("groq", "openai/gpt-oss-20b"),
    ("gemini", "gemini-3.5-flash-lite"),
    ("openai", "gpt-5.6-luna"),
)


def stock(apps, schema_editor):
    ProviderModel = apps.get_model("catalogue", "ProviderModel")
    for vendor, name in SPARES:
        ProviderModel.objects.get_or_create(vendor=vendor, name=name, task="", defaults={"position": 20})


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="ProviderModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("vendor", models.CharField(max_length=20, verbose_name="vendor")),
                ("name", models.CharField(max_length=120, verbose_name="model")),
                (
                    "task",
                    models.CharField(
                        blank=True,
                        help_text="quick, deep or write. Empty: for every kind of work.",
                        max_length=20,
                        verbose_name="only for",
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=20,
                        help_text="The lowest is asked first; the model that the vendor's setting names stands at 10.",
                        verbose_name="place in line",
                    ),
                ),
                ("retired_at", models.DateTimeField(blank=True, null=True, verbose_name="not served since")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
            ],
            options={
                "verbose_name": "language model",
                "verbose_name_plural": "language models",
                "ordering": ["vendor", "position", "name"],
                "constraints": [
                    models.UniqueConstraint(fields=("vendor", "name", "task"), name="catalogue_model_once")
                ],
            },
        ),
        migrations.RunPython(stock, migrations.RunPython.noop),
    ]
