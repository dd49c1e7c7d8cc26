"""A gift may say what was paid for it in all; its cost, which is generated, is made anew for that."""

from decimal import Decimal

from django.db import migrations, models
from django.db.models.functions import Coalesce

import budgets.fields

MAX_AMOUNT = Decimal("99999999.99")
NOTHING = models.Value(0, output_field=budgets.fields.MoneyField())


class Migration(migrations.Migration):
    dependencies = [("occasions", "0001_occasions_and_gifts")]

    operations = [
        migrations.RemoveField(model_name="gift", name="cost"),
        migrations.AddField(
            model_name="gift",
            name="paid_total",
            field=budgets.fields.MoneyField(
                blank=True, editable=False, null=True, verbose_name="paid in all"
            ),
        ),
        migrations.AddField(
            model_name="gift",
            name="cost",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(
                        status__in=("purchased", "received"),
                        then=Coalesce(
                            "paid_total",
                            Coalesce("paid_price", "price", NOTHING) * models.F("quantity"),
                        ),
                    ),
                    default=Coalesce("price", NOTHING) * models.F("quantity"),
                ),
                output_field=budgets.fields.MoneyField(),
            ),
        ),
        migrations.AddConstraint(
            model_name="gift",
            constraint=models.CheckConstraint(
                condition=models.Q(paid_total__isnull=True)
                | models.Q(paid_total__gte=0, paid_total__lte=MAX_AMOUNT),
                name="gift_paid_total_in_range",
                violation_error_message="An amount is from 0 to 99,999,999.99.",
            ),
        ),
    ]
