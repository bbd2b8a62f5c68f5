"""The practice gateway's own books."""

import django.db.models.deletion
from django.db import migrations, models

import config.lib.fields


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_daily_sales")]

    operations = [
        migrations.CreateModel(
            name="PracticePayment",
            fields=[
                ("id", config.lib.fields.KeyField(serialize=False)),
                (
                    "reference",
                    models.CharField(max_length=60, unique=True, verbose_name="reference"),
                ),
                ("amount", models.BigIntegerField(verbose_name="amount")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("return_url", models.CharField(max_length=2000, verbose_name="return address")),
                ("transactions", models.JSONField(default=list, verbose_name="transactions")),
                ("refunds", models.JSONField(default=dict, verbose_name="refunds")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="practice_payments",
                        to="orders.paymentaccount",
                        verbose_name="payment method",
                    ),
                ),
            ],
            options={
                "verbose_name": "practice payment",
                "verbose_name_plural": "practice payments",
                "ordering": ["-id"],
            },
        ),
    ]
