"""How models quote, counted by day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scoring", "0005_reviews_appeals_comments")]

    operations = [
        migrations.CreateModel(
            name="QuoteTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("judged_by", models.CharField(max_length=40, verbose_name="judged by")),
                ("model", models.CharField(max_length=120, verbose_name="model")),
                ("prompt_version", models.CharField(blank=True, max_length=60, verbose_name="prompt version")),
                ("language", models.CharField(max_length=5, verbose_name="language")),
                ("readings", models.PositiveIntegerField(default=0, verbose_name="readings")),
                ("claimed", models.PositiveIntegerField(default=0, verbose_name="quotes given")),
                ("verified", models.PositiveIntegerField(default=0, verbose_name="found in the trainee's words")),
                ("not_said", models.PositiveIntegerField(default=0, verbose_name="never said")),
                ("paraphrased", models.PositiveIntegerField(default=0, verbose_name="said in other words")),
                ("buyer", models.PositiveIntegerField(default=0, verbose_name="the buyer's words")),
                ("to_judge", models.PositiveIntegerField(default=0, verbose_name="said to the judge")),
                ("ambiguous", models.PositiveIntegerField(default=0, verbose_name="in several turns")),
                ("too_short", models.PositiveIntegerField(default=0, verbose_name="too short or too long")),
            ],
            options={
                "verbose_name": "quotes by a model",
                "verbose_name_plural": "quotes by models",
                "ordering": ["-day", "judged_by", "model"],
            },
        ),
        migrations.AddConstraint(
            model_name="quotetally",
            constraint=models.UniqueConstraint(
                fields=("day", "judged_by", "model", "prompt_version", "language"), name="scoring_tally_once_a_day"
            ),
        ),
    ]
