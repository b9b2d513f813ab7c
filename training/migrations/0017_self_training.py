from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0016_label_free'),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='rounds',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='run',
            name='self_training',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='run',
            name='unlabelled_until',
            field=models.BigIntegerField(null=True),
        ),
    ]
