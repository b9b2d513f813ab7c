from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0020_strength_study'),
    ]

    operations = [
        migrations.AddField(
            model_name='validationreport',
            name='so_far',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='validationreport',
            name='positions',
            field=models.JSONField(null=True),
        ),
    ]
