import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='OutboxMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60, verbose_name='sorte')),
                ('key', models.CharField(max_length=200, verbose_name='clé')),
                ('recipient', models.EmailField(blank=True, max_length=254, verbose_name='destinataire')),
                ('context', models.JSONField(default=dict, verbose_name='contexte')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='écrit le')),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now, null=True, verbose_name='prochain envoi')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='essais')),
                ('sent_at', models.DateTimeField(null=True, verbose_name='envoyé le')),
                ('error', models.CharField(blank=True, max_length=80, verbose_name='dernière erreur')),
            ],
            options={
                'verbose_name': 'e-mail',
                'verbose_name_plural': 'e-mails',
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='outbox_due'), models.Index(fields=['kind', '-created_at'], name='outbox_kind_newest'), models.Index(fields=['created_at'], name='outbox_created')],
                'constraints': [models.UniqueConstraint(fields=('key',), name='outbox_key_unique', violation_error_message='Cet e-mail est déjà prévu.'), models.CheckConstraint(condition=models.Q(('sent_at', None), ('due_at', None), _connector='OR'), name='outbox_sent_is_not_due', violation_error_message='Un e-mail envoyé n’a plus de prochain envoi.')],
            },
        ),
    ]
