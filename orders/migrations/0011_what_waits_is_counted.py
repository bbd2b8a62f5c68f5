from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # These tables may be large: nobody waits while their indexes are built.
    atomic = False

    dependencies = [
        ("orders", "0010_offers_after_the_purchase"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="cart",
            index=models.Index(
                condition=models.Q(("ordered_at__isnull", True), ("prepared_by__isnull", False)),
                fields=["organization"],
                name="cart_draft",
            ),
        ),
        AddIndexConcurrently(
            model_name="gatewayevent",
            index=models.Index(
                condition=models.Q(("error", ""), _negated=True),
                fields=["account"],
                name="event_in_error",
            ),
        ),
        AddIndexConcurrently(
            model_name="orderevent",
            index=models.Index(
                condition=models.Q(("mail", "failed")), fields=["at"], name="event_mail_failed"
            ),
        ),
    ]
