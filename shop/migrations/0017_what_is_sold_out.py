from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Products are read and written meanwhile.
    atomic = False

    dependencies = [("shop", "0016_settings_of_the_shop")]

    operations = [
        AddIndexConcurrently(
            model_name="product",
            index=models.Index(
                condition=models.Q(("is_available", False)),
                fields=["organization", "-id"],
                name="product_sold_out",
            ),
        ),
    ]
