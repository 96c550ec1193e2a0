from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0005_meetings_untold'),
    ]

    operations = [
        migrations.AddField(
            model_name='announcement',
            name='taken_back_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
