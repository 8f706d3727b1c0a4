from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("offers", "0024_fill_application_search_text")]

    operations = [
        migrations.AddIndex(
            model_name="offer",
            index=models.Index(
                fields=["role", "status", "published_at", "expires_at", "contract", "pay_min", "pay_max"],
                name="offer_of_role",
            ),
        ),
    ]
