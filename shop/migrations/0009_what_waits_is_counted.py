from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # These tables may be large: nobody waits while their indexes are built.
    atomic = False

    dependencies = [
        ("shop", "0008_posts"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="product",
            index=models.Index(
                condition=models.Q(("is_active", True), ("is_low", True)),
                fields=["organization"],
                name="product_low",
            ),
        ),
        AddIndexConcurrently(
            model_name="product",
            index=models.Index(
                condition=models.Q(("is_active", False)),
                fields=["organization"],
                name="product_hidden",
            ),
        ),
    ]
