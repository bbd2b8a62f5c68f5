from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0004_events_are_claimed"),
    ]

    operations = [
        migrations.AddField(
            model_name="paymentaccount",
            name="is_demo",
            field=models.BooleanField(default=False, editable=False, verbose_name="demo"),
        ),
        migrations.AddField(
            model_name="voucher",
            name="is_demo",
            field=models.BooleanField(default=False, editable=False, verbose_name="demo"),
        ),
    ]
