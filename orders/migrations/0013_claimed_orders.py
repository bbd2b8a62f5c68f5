import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0012_long_skus"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="claimed_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="taken in hand"),
        ),
        migrations.AddField(
            model_name="order",
            name="claimed_by",
            field=models.ForeignKey(
                # Nobody looks for it, and the table is written to by every purchase.
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="in the hands of",
            ),
        ),
    ]
