"""An item of a track may ask for another pass mark than the rubric does: the call that is made for it says which."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0009_turns_say_who_speaks")]

    operations = [
        migrations.AddField(
            model_name="call",
            name="pass_mark",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
    ]
