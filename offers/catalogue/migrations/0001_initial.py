import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('offers', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Audience',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='jour')),
                ('views', models.PositiveIntegerField(default=0, verbose_name='lectures')),
                ('clicks', models.PositiveIntegerField(default=0, verbose_name='clics pour postuler')),
                ('offer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='audience', to='offers.offer', verbose_name='offre')),
            ],
            options={
                'verbose_name': 'audience d’un jour',
                'verbose_name_plural': 'audience',
                'indexes': [models.Index(fields=['day'], name='audience_day')],
                'constraints': [models.UniqueConstraint(fields=('offer', 'day'), name='audience_offer_day_unique', violation_error_message='Ce jour de cette offre est déjà compté.'), models.CheckConstraint(condition=models.Q(('views__gt', 0), ('clicks__gt', 0), _connector='OR'), name='audience_counted', violation_error_message='Un jour sans lecture ni clic ne se compte pas.')],
            },
        ),
    ]
