import django.core.validators
import django.db.models.deletion
import regimens.models.base
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('regimens', '0010_make_way_for_the_second_edition'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.DeleteModel(
            name='Approval',
        ),
        migrations.CreateModel(
            name='DrugCaution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveIntegerField()),
                ('when', models.JSONField(blank=True, default=dict, validators=[regimens.models.base.validate_criterion])),
                ('level', models.CharField(choices=[('contraindicated', 'Contraindicated'), ('avoid', 'Avoid'), ('caution', 'Caution')], max_length=20)),
                ('text', models.TextField()),
                ('section', models.CharField(blank=True, help_text='Of the label, or trial eligibility.', max_length=60)),
                ('label', models.CharField(blank=True, help_text='Whose text the page gives: US, EU, JP, …, or trial.', max_length=10)),
                ('extrapolated', models.BooleanField(default=False, help_text='The page is about another drug of the class.')),
                ('url', regimens.models.base.CanonicalField(blank=True, help_text='Shown to readers.', max_length=500, validators=[regimens.models.base.validate_host], verbose_name='address')),
                ('read_on', regimens.models.base.ReadOnField(blank=True, help_text='The page that was read; empty when it is the address.', max_length=500)),
            ],
            options={
                'ordering': ['drug__slug', 'position'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ExposureClass',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=60, unique=True, validators=[django.core.validators.RegexValidator('\\A[A-Za-z0-9]+(-[A-Za-z0-9]+)*\\Z', 'letters and digits, in groups joined by single hyphens')])),
                ('name', models.CharField(max_length=80)),
                ('alone', models.CharField(choices=[('avoid', 'Avoid'), ('caution', 'Caution'), ('none', 'nothing')], help_text='The regimen brings no other class.', max_length=20)),
                ('combined', models.CharField(choices=[('avoid', 'Avoid'), ('caution', 'Caution'), ('none', 'nothing')], help_text='The regimen brings another class.', max_length=20)),
                ('exceptions', models.JSONField(blank=True, default=list, help_text='Regimens that it does not touch.', validators=[regimens.models.base.validate_text_list])),
                ('text', models.TextField()),
                ('sources', models.JSONField(blank=True, default=list, help_text='On what it rests; without any it is a convention, and the page says so.', validators=[regimens.models.base.validate_class_sources])),
            ],
            options={
                'verbose_name_plural': 'exposure classes',
                'ordering': ['slug'],
            },
        ),
        migrations.CreateModel(
            name='Licence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80, unique=True, validators=[django.core.validators.RegexValidator('\\A[A-Za-z0-9]+(-[A-Za-z0-9]+)*\\Z', 'letters and digits, in groups joined by single hyphens')])),
                ('region', models.CharField(choices=[('US', 'United States'), ('EU', 'European Union'), ('UK', 'United Kingdom'), ('JP', 'Japan'), ('CN', 'China')], max_length=2)),
                ('when', models.JSONField(blank=True, default=dict, validators=[regimens.models.base.validate_criterion])),
                ('covers', models.CharField(choices=[('yes', 'licensed for this'), ('arguable', 'names the cancer of the site, and no histology'), ('no', 'licensed for another disease'), ('reimbursed', 'paid for by ruling, without a licence')], help_text='A NEC that meets the criterion.', max_length=20)),
                ('kind', models.CharField(blank=True, choices=[('full', 'full licence'), ('accelerated', 'accelerated approval'), ('conditional', 'conditional licence'), ('withdrawn', 'withdrawn')], max_length=20)),
                ('since', models.CharField(blank=True, help_text='A year or a day.', max_length=10, validators=[django.core.validators.RegexValidator('\\A\\d{4}(-\\d{2}-\\d{2})?\\Z', 'a year or a day, such as 2024 or 2024-04-05')])),
                ('label', models.TextField(help_text='What it is for, in own words.')),
                ('url', regimens.models.base.CanonicalField(blank=True, help_text='Shown to readers.', max_length=500, validators=[regimens.models.base.validate_host], verbose_name='address')),
                ('read_on', regimens.models.base.ReadOnField(blank=True, help_text='The page that was read; empty when it is the address.', max_length=500)),
                ('seen_on', models.DateField(blank=True, help_text='The day on which it was looked up.', null=True)),
            ],
            options={
                'ordering': ['key'],
            },
        ),
        migrations.AlterModelOptions(
            name='drug',
            options={'ordering': ['slug']},
        ),
        migrations.AlterModelOptions(
            name='regimendrug',
            options={'ordering': ['regimen__slug', 'position', 'alternative']},
        ),
        migrations.RemoveConstraint(
            model_name='entry',
            name='entry_kind_is_listed',
        ),
        migrations.RemoveConstraint(
            model_name='indicationsource',
            name='indicationsource_approval_region_is_listed',
        ),
        migrations.RemoveConstraint(
            model_name='indicationsource',
            name='indicationsource_is_one_thing',
        ),
        migrations.RemoveConstraint(
            model_name='proposal',
            name='proposal_kind_is_listed',
        ),
        migrations.RemoveConstraint(
            model_name='regimendrug',
            name='regimendrug_position_is_unique',
        ),
        migrations.RemoveConstraint(
            model_name='regionalavailability',
            name='regionalavailability_status_is_listed',
        ),
        migrations.RemoveField(
            model_name='indicationsource',
            name='approval_region',
        ),
        migrations.RemoveField(
            model_name='regimen',
            name='region_note_source',
        ),
        migrations.RemoveField(
            model_name='regimen',
            name='schedule_source',
        ),
        migrations.RemoveField(
            model_name='trial',
            name='seen_at',
        ),
        migrations.AddField(
            model_name='caution',
            name='extrapolated',
            field=models.BooleanField(default=False, help_text='The page is about another drug of the class.'),
        ),
        migrations.AddField(
            model_name='caution',
            name='label',
            field=models.CharField(blank=True, help_text='Whose text the page gives: US, EU, JP, …, or trial.', max_length=10),
        ),
        migrations.AddField(
            model_name='caution',
            name='read_on',
            field=regimens.models.base.ReadOnField(blank=True, help_text='The page that was read; empty when it is the address.', max_length=500),
        ),
        migrations.AddField(
            model_name='caution',
            name='section',
            field=models.CharField(blank=True, help_text='Of the label, or trial eligibility.', max_length=60),
        ),
        migrations.AddField(
            model_name='drug',
            name='atc',
            field=models.CharField(blank=True, max_length=10, verbose_name='ATC code'),
        ),
        migrations.AddField(
            model_name='drug',
            name='classes',
            field=models.JSONField(blank=True, default=list, help_text='Exposure classes; none for a companion.', validators=[regimens.models.base.validate_text_list]),
        ),
        migrations.AddField(
            model_name='drug',
            name='labels',
            field=models.JSONField(blank=True, default=list, help_text='Official label pages, by region.', validators=[regimens.models.base.validate_labels]),
        ),
        migrations.AddField(
            model_name='drug',
            name='slug',
            field=models.CharField(default='', max_length=60, unique=True, validators=[django.core.validators.RegexValidator('\\A[A-Za-z0-9]+(-[A-Za-z0-9]+)*\\Z', 'letters and digits, in groups joined by single hyphens')]),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='drug',
            name='synonyms',
            field=models.JSONField(blank=True, default=list, help_text='Brands and abbreviations.', validators=[regimens.models.base.validate_text_list]),
        ),
        migrations.AddField(
            model_name='guidelinestatement',
            name='read_on',
            field=regimens.models.base.ReadOnField(blank=True, help_text='The page that was read; empty when it is the address.', max_length=500),
        ),
        migrations.AddField(
            model_name='prevalence',
            name='read_on',
            field=regimens.models.base.ReadOnField(blank=True, help_text='The page that was read; empty when it is the address.', max_length=500),
        ),
        migrations.AddField(
            model_name='publication',
            name='read_on',
            field=regimens.models.base.ReadOnField(blank=True, help_text='The page that was read; empty when it is the address.', max_length=500),
        ),
        migrations.AddField(
            model_name='regimen',
            name='region_note_read_on',
            field=regimens.models.base.ReadOnField(blank=True, help_text='The page that was read; empty when it is the address.', max_length=500),
        ),
        migrations.AddField(
            model_name='regimen',
            name='region_note_url',
            field=regimens.models.base.CanonicalField(blank=True, help_text='Shown to readers.', max_length=500, validators=[regimens.models.base.validate_host], verbose_name='address of the note'),
        ),
        migrations.AddField(
            model_name='regimen',
            name='schedule_read_on',
            field=regimens.models.base.ReadOnField(blank=True, help_text='The page that was read; empty when it is the address.', max_length=500),
        ),
        migrations.AddField(
            model_name='regimen',
            name='schedule_url',
            field=regimens.models.base.CanonicalField(blank=True, help_text='Shown to readers.', max_length=500, validators=[regimens.models.base.validate_host], verbose_name='address of the schedule'),
        ),
        migrations.AddField(
            model_name='regimendrug',
            name='alternative',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Its place among alternatives.', null=True),
        ),
        migrations.AddField(
            model_name='trial',
            name='read_on',
            field=regimens.models.base.ReadOnField(blank=True, help_text='The page that was read; empty when it is the address.', max_length=500),
        ),
        migrations.AddField(
            model_name='trial',
            name='url',
            field=regimens.models.base.CanonicalField(blank=True, help_text='Shown to readers.', max_length=500, validators=[regimens.models.base.validate_host], verbose_name='address'),
        ),
        migrations.AlterField(
            model_name='caution',
            name='url',
            field=regimens.models.base.CanonicalField(blank=True, help_text='Shown to readers.', max_length=500, validators=[regimens.models.base.validate_host], verbose_name='address'),
        ),
        migrations.AlterField(
            model_name='drug',
            name='name',
            field=models.CharField(help_text='The international non-proprietary name.', max_length=80, unique=True),
        ),
        migrations.AlterField(
            model_name='entry',
            name='kind',
            field=models.CharField(choices=[('exposure_classes', 'exposure class'), ('drugs', 'drug'), ('regimens', 'regimen'), ('licences', 'licence'), ('guidelines', 'guideline statement'), ('publications', 'publication'), ('indications', 'indication'), ('biomarkers', 'biomarker'), ('trials', 'trial')], max_length=20),
        ),
        migrations.AlterField(
            model_name='guidelinestatement',
            name='url',
            field=regimens.models.base.CanonicalField(blank=True, help_text='Shown to readers.', max_length=500, validators=[regimens.models.base.validate_host], verbose_name='address'),
        ),
        migrations.AlterField(
            model_name='historicalentry',
            name='kind',
            field=models.CharField(choices=[('exposure_classes', 'exposure class'), ('drugs', 'drug'), ('regimens', 'regimen'), ('licences', 'licence'), ('guidelines', 'guideline statement'), ('publications', 'publication'), ('indications', 'indication'), ('biomarkers', 'biomarker'), ('trials', 'trial')], max_length=20),
        ),
        migrations.AlterField(
            model_name='prevalence',
            name='url',
            field=regimens.models.base.CanonicalField(blank=True, help_text='Shown to readers.', max_length=500, validators=[regimens.models.base.validate_host], verbose_name='address'),
        ),
        migrations.AlterField(
            model_name='proposal',
            name='kind',
            field=models.CharField(choices=[('exposure_classes', 'exposure class'), ('drugs', 'drug'), ('regimens', 'regimen'), ('licences', 'licence'), ('guidelines', 'guideline statement'), ('publications', 'publication'), ('indications', 'indication'), ('biomarkers', 'biomarker'), ('trials', 'trial')], max_length=20),
        ),
        migrations.AlterField(
            model_name='publication',
            name='url',
            field=regimens.models.base.CanonicalField(blank=True, help_text='Shown to readers.', max_length=500, validators=[regimens.models.base.validate_host], verbose_name='address'),
        ),
        migrations.AlterField(
            model_name='regionalavailability',
            name='regimen',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='otherwise', to='regimens.regimen'),
        ),
        migrations.AlterField(
            model_name='regionalavailability',
            name='status',
            field=models.CharField(choices=[('off-label', 'off-label'), ('investigational', 'investigational'), ('unavailable', 'not available'), ('not-verified', 'availability not verified')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='caution',
            constraint=models.CheckConstraint(condition=models.Q(('level', 'caution'), models.Q(('when', {}), _negated=True), _connector='OR'), name='caution_ruling_out_has_criterion'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['exposure_classes', 'drugs', 'regimens', 'licences', 'guidelines', 'publications', 'indications', 'biomarkers', 'trials'])), name='entry_kind_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['exposure_classes', 'drugs', 'regimens', 'licences', 'guidelines', 'publications', 'indications', 'biomarkers', 'trials'])), name='proposal_kind_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='regimendrug',
            constraint=models.UniqueConstraint(fields=('regimen', 'position', 'alternative'), name='regimendrug_alternative_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='regionalavailability',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['off-label', 'investigational', 'unavailable', 'not-verified'])), name='regionalavailability_status_is_listed'),
        ),
        migrations.AddField(
            model_name='drugcaution',
            name='drug',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cautions', to='regimens.drug'),
        ),
        migrations.AddConstraint(
            model_name='exposureclass',
            constraint=models.CheckConstraint(condition=models.Q(('alone__in', ['avoid', 'caution', 'none'])), name='exposureclass_alone_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='exposureclass',
            constraint=models.CheckConstraint(condition=models.Q(('combined__in', ['avoid', 'caution', 'none'])), name='exposureclass_combined_is_listed'),
        ),
        migrations.AddField(
            model_name='licence',
            name='regimen',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='licences', to='regimens.regimen'),
        ),
        migrations.AddField(
            model_name='indicationsource',
            name='licence',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='regimens.licence'),
        ),
        migrations.AddConstraint(
            model_name='indicationsource',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('licence__isnull', True), ('publication__isnull', True), ('statement__isnull', False)), models.Q(('licence__isnull', True), ('publication__isnull', False), ('statement__isnull', True)), models.Q(('licence__isnull', False), ('publication__isnull', True), ('statement__isnull', True)), _connector='OR'), name='indicationsource_is_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='drugcaution',
            constraint=models.UniqueConstraint(fields=('drug', 'position'), name='drugcaution_position_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='drugcaution',
            constraint=models.CheckConstraint(condition=models.Q(('level__in', ['contraindicated', 'avoid', 'caution'])), name='drugcaution_level_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='drugcaution',
            constraint=models.CheckConstraint(condition=models.Q(('level', 'caution'), models.Q(('when', {}), _negated=True), _connector='OR'), name='drugcaution_ruling_out_has_criterion'),
        ),
        migrations.AddConstraint(
            model_name='licence',
            constraint=models.CheckConstraint(condition=models.Q(('region__in', ['US', 'EU', 'UK', 'JP', 'CN'])), name='licence_region_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='licence',
            constraint=models.CheckConstraint(condition=models.Q(('covers__in', ['yes', 'arguable', 'no', 'reimbursed'])), name='licence_covers_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='licence',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['full', 'accelerated', 'conditional', 'withdrawn', ''])), name='licence_kind_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='licence',
            constraint=models.CheckConstraint(condition=models.Q(('covers', 'reimbursed'), models.Q(('when', {}), _negated=True), _connector='OR'), name='licence_is_for_somebody'),
        ),
    ]
