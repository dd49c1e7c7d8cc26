"""Find the last holds of one budget without sorting all that it ever had."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("budgets", "0004_who_recorded_and_who_priced")]

    operations = [
        migrations.AddIndex(
            "hold",
            models.Index(fields=["budget", "-created_at", "-id"], name="hold_history"),
        ),
    ]
