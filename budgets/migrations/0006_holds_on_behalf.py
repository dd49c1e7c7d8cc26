"""Keep which holds a gateway asked for on behalf of a member."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("budgets", "0005_holds_in_their_order")]

    operations = [
        migrations.AddField(
            "hold",
            "on_behalf",
            models.BooleanField("on behalf", default=False),
        ),
    ]
