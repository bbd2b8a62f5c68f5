import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import config.lib.fields


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="DailyProductSales",
            fields=[
                ("id", config.lib.fields.KeyField(serialize=False)),
                ("day", models.DateField(verbose_name="day")),
                ("is_test", models.BooleanField(verbose_name="test")),
                ("orders", models.PositiveIntegerField(verbose_name="orders")),
                ("quantity", models.PositiveBigIntegerField(verbose_name="quantity")),
                ("sales", models.BigIntegerField(verbose_name="sales")),
            ],
            options={
                "verbose_name": "sales of a product and day",
                "verbose_name_plural": "sales of products",
                "ordering": ["-day", "variant"],
            },
        ),
        migrations.CreateModel(
            name="DailySales",
            fields=[
                ("id", config.lib.fields.KeyField(serialize=False)),
                ("day", models.DateField(verbose_name="day")),
                ("is_test", models.BooleanField(verbose_name="test")),
                (
                    "method",
                    models.CharField(blank=True, max_length=12, verbose_name="kind of payment"),
                ),
                ("orders_placed", models.PositiveIntegerField(verbose_name="orders placed")),
                ("orders_paid", models.PositiveIntegerField(verbose_name="orders paid")),
                ("sales", models.BigIntegerField(verbose_name="sales")),
                ("refunds", models.BigIntegerField(verbose_name="refunds")),
            ],
            options={
                "verbose_name": "sales of a day",
                "verbose_name_plural": "sales",
                "ordering": ["-day", "method"],
            },
        ),
        migrations.CreateModel(
            name="SalesState",
            fields=[
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="shop.organization",
                    ),
                ),
                ("counted_at", models.DateTimeField(null=True, verbose_name="counted")),
                ("basis", models.CharField(blank=True, max_length=80)),
            ],
            options={
                "verbose_name": "state of the sales",
                "verbose_name_plural": "states of the sales",
            },
        ),
        migrations.AddIndex(
            model_name="gatewaytransaction",
            index=models.Index(
                condition=models.Q(("refunded__gt", 0)),
                fields=["changed_at"],
                name="transaction_given_back",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                condition=models.Q(("paid_at__isnull", False)),
                fields=["organization", "-paid_at"],
                name="order_paid",
            ),
        ),
        migrations.AddIndex(
            model_name="order",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["changed_at"], name="order_changed"
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("done_at__isnull", False)),
                fields=["done_at"],
                name="refund_done",
            ),
        ),
        migrations.AddField(
            model_name="dailyproductsales",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="shop.organization",
                verbose_name="organization",
            ),
        ),
        migrations.AddField(
            model_name="dailyproductsales",
            name="variant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="shop.variant",
                verbose_name="variant",
            ),
        ),
        migrations.AddField(
            model_name="dailysales",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="shop.organization",
                verbose_name="organization",
            ),
        ),
        migrations.AddConstraint(
            model_name="dailyproductsales",
            constraint=models.UniqueConstraint(
                fields=("organization", "is_test", "day", "variant"),
                name="one_row_of_sales_per_day_and_variant",
            ),
        ),
        migrations.AddConstraint(
            model_name="dailysales",
            constraint=models.UniqueConstraint(
                fields=("organization", "is_test", "day", "method"),
                name="one_row_of_sales_per_day_and_method",
            ),
        ),
    ]
