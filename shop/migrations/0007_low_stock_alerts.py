import django.db.models.deletion
from django.db import migrations, models

import config.lib.fields

# Runs only for a row that crosses its low mark; every other change of stock pays one comparison.
_WATCH = """
CREATE FUNCTION shop_watch_low_stock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.on_hand - NEW.reserved > NEW.low_at THEN
        UPDATE shop_lowstockalert SET refilled_at = now()
        WHERE variant_id = NEW.variant_id AND refilled_at IS NULL;
    ELSE
        INSERT INTO shop_lowstockalert (id, organization_id, variant_id, available, low_at, fell_at)
        SELECT gen_random_uuid(), variant.organization_id, variant.id,
            NEW.on_hand - NEW.reserved, NEW.low_at, now()
        FROM shop_variant AS variant WHERE variant.id = NEW.variant_id
        ON CONFLICT (variant_id) WHERE refilled_at IS NULL DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER watch_low_stock
AFTER UPDATE OF on_hand, reserved, low_at ON shop_stocklevel FOR EACH ROW
WHEN ((OLD.on_hand - OLD.reserved <= OLD.low_at) <> (NEW.on_hand - NEW.reserved <= NEW.low_at))
EXECUTE FUNCTION shop_watch_low_stock();
"""
_WATCH_NO_MORE = """
DROP TRIGGER watch_low_stock ON shop_stocklevel;
DROP FUNCTION shop_watch_low_stock();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("shop", "0006_product_imports"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="hears_of_low_stock",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Only for roles that may change stock.",
                verbose_name="mails about low stock",
            ),
        ),
        migrations.CreateModel(
            name="LowStockAlert",
            fields=[
                ("id", config.lib.fields.KeyField(serialize=False)),
                ("available", models.IntegerField(verbose_name="available")),
                ("low_at", models.PositiveIntegerField(verbose_name="low at")),
                ("fell_at", models.DateTimeField(verbose_name="fell")),
                ("refilled_at", models.DateTimeField(null=True, verbose_name="refilled")),
                ("tried_at", models.DateTimeField(editable=False, null=True)),
                ("told_at", models.DateTimeField(null=True, verbose_name="told")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="shop.organization",
                        verbose_name="organization",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="low_stock_alerts",
                        to="shop.variant",
                        verbose_name="variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "low stock alert",
                "verbose_name_plural": "low stock alerts",
                "ordering": ["-fell_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("refilled_at__isnull", True), ("told_at__isnull", True)
                        ),
                        fields=["organization", "fell_at"],
                        name="low_stock_to_tell",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("refilled_at__isnull", True)),
                        fields=("variant",),
                        name="one_alert_until_refilled",
                    )
                ],
            },
        ),
        migrations.RunSQL(_WATCH, _WATCH_NO_MORE),
    ]
