from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0019_uploaded_fonts'),
    ]

    operations = [
        migrations.AddField(
            model_name='strengthreport',
            name='study',
            field=models.CharField(blank=True, max_length=16),
        ),
    ]
