from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_models_in_line")]

    operations = [
        migrations.AlterField(
            model_name="providermodel",
            name="task",
            field=models.CharField(
                blank=True,
                help_text="quick or deep. Empty: for every kind of work.",
                max_length=20,
                verbose_name="only for",
            ),
        ),
    ]
