import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('labeling', '0011_doubts_of_studies'),
        ('training', '0017_self_training'),
    ]

    operations = [
        migrations.CreateModel(
            name='StarterSwitch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_on', models.BooleanField(default=True)),
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='starter_switch', to='labeling.project')),
            ],
        ),
        migrations.AddField(
            model_name='run',
            name='starter',
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AlterField(
            model_name='suggestionpass',
            name='model',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='suggestion_pass', to='training.model'),
        ),
        migrations.AddField(
            model_name='suggestionpass',
            name='starter',
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddField(
            model_name='suggestionpass',
            name='preparation',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='labeling.preparation'),
        ),
        migrations.AddConstraint(
            model_name='suggestionpass',
            constraint=models.UniqueConstraint(condition=models.Q(('model', None)), fields=('project',), name='one_pass_of_the_starter'),
        ),
    ]
