"""Plans, meeting rooms, roles, lines of follow-up.

On SQLite the tables are made anew for it, which triggers that name them would hinder: those of 0002 and 0005 go, and
stand again with 0008.
"""

from importlib import import_module

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

FORMER = [
    import_module(f"boards.migrations.{name}").TRIGGERS
    for name in ("0002_what_was_shown_and_decided_stays", "0005_follow_up_stays")
]


class Migration(migrations.Migration):

    dependencies = [
        ('boards', '0006_sites_of_the_second_edition'),
        ('regimens', '0013_upgrade_is_told'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        *(migrations.RunPython(triggers.drop, triggers.create) for triggers in FORMER),
        migrations.CreateModel(
            name='Attendance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('discipline', models.CharField(blank=True, choices=[('oncology', 'Medical oncology'), ('surgery', 'Surgery'), ('pathology', 'Pathology'), ('radiology', 'Radiology'), ('nuclear-medicine', 'Nuclear medicine'), ('radiotherapy', 'Radiation oncology'), ('gastroenterology', 'Gastroenterology'), ('endocrinology', 'Endocrinology'), ('pulmonology', 'Pulmonology'), ('urology', 'Urology'), ('gynaecology', 'Gynaecology'), ('genetics', 'Genetics and molecular pathology'), ('palliative-care', 'Palliative care'), ('nursing', 'Nursing'), ('pharmacy', 'Pharmacy'), ('other', 'Another discipline')], max_length=30)),
                ('arrived_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('left_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['person__username', 'arrived_at'],
            },
        ),
        migrations.CreateModel(
            name='Development',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('lost-standing', 'The chosen option lost standing'), ('gained-standing', 'The chosen option gained standing'), ('other-first', 'Another option is first'), ('new-caution', 'A caution was added'), ('trial-closed', 'The trial no longer recruits'), ('trial-opened', 'The trial recruits'), ('retracted', 'A publication that was shown is retracted'), ('not-ranked', 'The patient cannot be ranked any more')], max_length=20)),
                ('option', models.CharField(blank=True, max_length=80)),
                ('undermines', models.BooleanField()),
                ('before', models.CharField(blank=True, max_length=200)),
                ('after', models.CharField(blank=True, max_length=200)),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('acknowledged_as', models.CharField(blank=True, choices=[('no-change', 'Seen, no change'), ('listed-again', 'Listed again'), ('not-given', 'The patient is not on it any more')], max_length=20)),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-raised_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='LaterCourse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('ranked', 'An option of the ranking'), ('best-supportive-care', 'Best supportive care alone'), ('trial', 'A clinical trial'), ('test-first', 'A test first'), ('combination', 'A combination of treatments'), ('re-biopsy', 'Another biopsy'), ('genetics-referral', 'Referral to genetics'), ('other', 'Another treatment'), ('abstention', 'I abstain')], max_length=30)),
                ('option', models.CharField(blank=True, max_length=80)),
                ('option_name', models.CharField(blank=True, max_length=200)),
                ('words', models.CharField(blank=True, max_length=200)),
                ('started_in', models.CharField(blank=True, max_length=7)),
                ('stopped_in', models.CharField(blank=True, max_length=7)),
                ('stop_reason', models.CharField(choices=[('goes-on', 'It goes on'), ('progression', 'Progression'), ('toxicity', 'Toxicity'), ('patients-wish', 'The patient’s wish'), ('completed', 'Completed as planned'), ('death', 'Death'), ('other', 'Another reason'), ('unknown', 'Not known')], default='unknown', max_length=20)),
                ('best_response', models.CharField(choices=[('CR', 'Complete response'), ('PR', 'Partial response'), ('SD', 'Stable disease'), ('PD', 'Progressive disease'), ('not-evaluated', 'Not evaluated'), ('unknown', 'Not known')], default='unknown', max_length=20)),
                ('progressed_in', models.CharField(blank=True, max_length=7)),
            ],
            options={
                'ordering': ['line'],
            },
        ),
        migrations.CreateModel(
            name='PlanDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fields', models.JSONField(default=list)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='PlanStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('ranked', 'An option of the ranking'), ('best-supportive-care', 'Best supportive care alone'), ('trial', 'A clinical trial'), ('test-first', 'A test first'), ('combination', 'A combination of treatments'), ('re-biopsy', 'Another biopsy'), ('genetics-referral', 'Referral to genetics'), ('other', 'Another treatment'), ('abstention', 'I abstain')], max_length=30)),
                ('option', models.CharField(blank=True, max_length=80)),
                ('option_name', models.CharField(blank=True, max_length=200)),
                ('words', models.CharField(blank=True, max_length=200)),
                ('condition', models.CharField(blank=True, max_length=200)),
                ('reason', models.TextField(blank=True)),
                ('is_recommended', models.BooleanField(null=True)),
                ('rank', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('level', models.CharField(blank=True, max_length=1)),
                ('owner_words', models.CharField(blank=True, max_length=80)),
                ('due_on', models.DateField(blank=True, null=True)),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='StepProgress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('state', models.CharField(choices=[('agreed', 'Agreed'), ('asked-for', 'Asked for'), ('going-on', 'Under way'), ('done', 'Done'), ('not-done', 'Not carried out')], max_length=20)),
                ('not_done', models.CharField(blank=True, choices=[('patients-wish', 'The patient’s wish'), ('deteriorated', 'The patient’s condition'), ('died', 'The patient died before'), ('contraindicated', 'A contraindication was found'), ('result', 'A result made it needless'), ('condition-not-met', 'Its condition was not met'), ('not-eligible', 'Not eligible for the trial'), ('trial-closed', 'The trial did not recruit'), ('unavailable', 'Not available in time'), ('not-funded', 'Not funded'), ('treated-elsewhere', 'Treated elsewhere'), ('lost', 'Lost to follow-up'), ('clinicians-decision', 'The treating clinician decided otherwise'), ('other', 'Another reason')], max_length=30)),
                ('words', models.CharField(blank=True, max_length=200)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='Told',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('about', models.CharField(max_length=80)),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['-sent_at'],
            },
        ),
        migrations.CreateModel(
            name='Toxicity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveSmallIntegerField(default=1)),
                ('term', models.CharField(max_length=80)),
                ('grade', models.PositiveSmallIntegerField()),
            ],
            options={
                'ordering': ['line', '-grade', 'term'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='ballot',
            name='ballot_first_kind_is_listed',
        ),
        migrations.RemoveConstraint(
            model_name='ballot',
            name='ballot_final_kind_is_listed',
        ),
        migrations.RemoveConstraint(
            model_name='case',
            name='case_status_is_listed',
        ),
        migrations.RemoveConstraint(
            model_name='decision',
            name='decision_kind_is_listed',
        ),
        migrations.RemoveConstraint(
            model_name='decision',
            name='decision_test_first_decides_on_no_option',
        ),
        migrations.RemoveConstraint(
            model_name='followup',
            name='followup_kind_is_listed',
        ),
        migrations.RemoveConstraint(
            model_name='followup',
            name='followup_is_of_a_treatment',
        ),
        migrations.RemoveConstraint(
            model_name='membership',
            name='membership_role_is_listed',
        ),
        migrations.AddField(
            model_name='agendaitem',
            name='carried_from',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='carried_to', to='boards.agendaitem'),
        ),
        migrations.AddField(
            model_name='agendaitem',
            name='discussed_from',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='agendaitem',
            name='discussed_seconds',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='agendaitem',
            name='needs_discussion',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='agendaitem',
            name='waiting_since',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='agendaitem',
            name='watch_closed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='agendaitem',
            name='watch_closed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='board',
            name='disciplines',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='board',
            name='minutes_each',
            field=models.PositiveSmallIntegerField(default=10),
        ),
        migrations.AddField(
            model_name='board',
            name='quorum',
            field=models.PositiveSmallIntegerField(default=2),
        ),
        migrations.AddField(
            model_name='board',
            name='takes_referrals',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='board',
            name='time_zone',
            field=models.CharField(default='UTC', max_length=60),
        ),
        migrations.AddField(
            model_name='case',
            name='erasure_asked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='case',
            name='erasure_asked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='case',
            name='referred_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='case',
            name='waiting_since',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='case',
            name='waits_with',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='boards.agendaitem'),
        ),
        migrations.AddField(
            model_name='caseversion',
            name='wish',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='decision',
            name='shown',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='decision',
            name='signatures_needed',
            field=models.PositiveSmallIntegerField(default=2),
        ),
        migrations.AddField(
            model_name='decision',
            name='would_change',
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name='followup',
            name='carried_out',
            field=models.CharField(choices=[('yes', 'Yes'), ('partly', 'In part'), ('no', 'No'), ('unknown', 'Not known')], default='unknown', max_length=10),
        ),
        migrations.AddField(
            model_name='followup',
            name='not_carried_out',
            field=models.CharField(blank=True, choices=[('patients-wish', 'The patient’s wish'), ('deteriorated', 'The patient’s condition'), ('died', 'The patient died before'), ('contraindicated', 'A contraindication was found'), ('result', 'A result made it needless'), ('condition-not-met', 'Its condition was not met'), ('not-eligible', 'Not eligible for the trial'), ('trial-closed', 'The trial did not recruit'), ('unavailable', 'Not available in time'), ('not-funded', 'Not funded'), ('treated-elsewhere', 'Treated elsewhere'), ('lost', 'Lost to follow-up'), ('clinicians-decision', 'The treating clinician decided otherwise'), ('other', 'Another reason')], max_length=30),
        ),
        migrations.AddField(
            model_name='followup',
            name='not_carried_out_words',
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddField(
            model_name='meeting',
            name='begins_at',
            field=models.TimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='meeting',
            name='board_name',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name='meeting',
            name='current',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='boards.agendaitem'),
        ),
        migrations.AddField(
            model_name='meeting',
            name='disciplines',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='meeting',
            name='finished_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='meeting',
            name='finished_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='meeting',
            name='guests',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='meeting',
            name='header',
            field=models.TextField(blank=True, max_length=600),
        ),
        migrations.AddField(
            model_name='meeting',
            name='minutes_each',
            field=models.PositiveSmallIntegerField(default=10),
        ),
        migrations.AddField(
            model_name='meeting',
            name='quorum',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='meeting',
            name='started_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='meeting',
            name='time_zone',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name='membership',
            name='discipline',
            field=models.CharField(blank=True, choices=[('oncology', 'Medical oncology'), ('surgery', 'Surgery'), ('pathology', 'Pathology'), ('radiology', 'Radiology'), ('nuclear-medicine', 'Nuclear medicine'), ('radiotherapy', 'Radiation oncology'), ('gastroenterology', 'Gastroenterology'), ('endocrinology', 'Endocrinology'), ('pulmonology', 'Pulmonology'), ('urology', 'Urology'), ('gynaecology', 'Gynaecology'), ('genetics', 'Genetics and molecular pathology'), ('palliative-care', 'Palliative care'), ('nursing', 'Nursing'), ('pharmacy', 'Pharmacy'), ('other', 'Another discipline')], max_length=30),
        ),
        migrations.AddField(
            model_name='membership',
            name='told_of_actions',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='told_of_meetings',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='membership',
            name='told_of_signatures',
            field=models.BooleanField(default=True),
        ),
        migrations.AlterField(
            model_name='ballot',
            name='final_kind',
            field=models.CharField(choices=[('ranked', 'An option of the ranking'), ('best-supportive-care', 'Best supportive care alone'), ('trial', 'A clinical trial'), ('test-first', 'A test first'), ('combination', 'A combination of treatments'), ('re-biopsy', 'Another biopsy'), ('genetics-referral', 'Referral to genetics'), ('other', 'Another treatment'), ('abstention', 'I abstain')], max_length=30),
        ),
        migrations.AlterField(
            model_name='ballot',
            name='first_kind',
            field=models.CharField(choices=[('ranked', 'An option of the ranking'), ('best-supportive-care', 'Best supportive care alone'), ('trial', 'A clinical trial'), ('test-first', 'A test first'), ('combination', 'A combination of treatments'), ('re-biopsy', 'Another biopsy'), ('genetics-referral', 'Referral to genetics'), ('other', 'Another treatment'), ('abstention', 'I abstain')], max_length=30),
        ),
        migrations.AlterField(
            model_name='case',
            name='status',
            field=models.CharField(choices=[('prepared', 'In preparation'), ('waiting', 'Waits for the next meeting'), ('listed', 'On an agenda'), ('decided', 'Decided'), ('archived', 'Archived'), ('erased', 'Erased')], default='prepared', max_length=20),
        ),
        migrations.AlterField(
            model_name='decision',
            name='kind',
            field=models.CharField(choices=[('ranked', 'An option of the ranking'), ('best-supportive-care', 'Best supportive care alone'), ('trial', 'A clinical trial'), ('test-first', 'A test first'), ('combination', 'A combination of treatments'), ('re-biopsy', 'Another biopsy'), ('genetics-referral', 'Referral to genetics'), ('other', 'Another treatment'), ('abstention', 'I abstain')], max_length=30),
        ),
        migrations.AlterField(
            model_name='followup',
            name='kind',
            field=models.CharField(choices=[('ranked', 'An option of the ranking'), ('best-supportive-care', 'Best supportive care alone'), ('trial', 'A clinical trial'), ('test-first', 'A test first'), ('combination', 'A combination of treatments'), ('re-biopsy', 'Another biopsy'), ('genetics-referral', 'Referral to genetics'), ('other', 'Another treatment'), ('abstention', 'I abstain')], max_length=30),
        ),
        migrations.AlterField(
            model_name='membership',
            name='role',
            field=models.CharField(choices=[('member', 'Member'), ('chair', 'Chair'), ('coordinator', 'Coordinator'), ('reader', 'Reader'), ('quality', 'Quality manager')], default='member', max_length=20),
        ),
        migrations.AddConstraint(
            model_name='agendaitem',
            constraint=models.UniqueConstraint(fields=('carried_from',), name='agendaitem_is_carried_over_once'),
        ),
        migrations.AddConstraint(
            model_name='agendaitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('watch_closed_at__isnull', True), ('watch_closed_by__isnull', True)), models.Q(('watch_closed_at__isnull', False), ('watch_closed_by__isnull', False)), _connector='OR'), name='agendaitem_watch_is_closed_by_a_person'),
        ),
        migrations.AddConstraint(
            model_name='ballot',
            constraint=models.CheckConstraint(condition=models.Q(('first_kind__in', ['ranked', 'best-supportive-care', 'trial', 'test-first', 'combination', 're-biopsy', 'genetics-referral', 'other', 'abstention'])), name='ballot_first_kind_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='ballot',
            constraint=models.CheckConstraint(condition=models.Q(('final_kind__in', ['ranked', 'best-supportive-care', 'trial', 'test-first', 'combination', 're-biopsy', 'genetics-referral', 'other', 'abstention'])), name='ballot_final_kind_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='board',
            constraint=models.CheckConstraint(condition=models.Q(('quorum__gte', 2)), name='board_quorum_can_sign'),
        ),
        migrations.AddConstraint(
            model_name='board',
            constraint=models.CheckConstraint(condition=models.Q(('minutes_each__range', (1, 120))), name='board_minutes_each_in_range'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['prepared', 'waiting', 'listed', 'decided', 'archived', 'erased'])), name='case_status_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('erasure_asked_at__isnull', True), ('erasure_asked_by__isnull', True)), models.Q(('erasure_asked_at__isnull', False), ('erasure_asked_by__isnull', False)), _connector='OR'), name='case_erasure_is_asked_by_a_person'),
        ),
        migrations.AddConstraint(
            model_name='case',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'waiting'), ('waiting_since__isnull', False)), models.Q(models.Q(('status', 'waiting'), _negated=True), ('waiting_since__isnull', True), ('waits_with__isnull', True)), _connector='OR'), name='case_waits_since_a_day'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['ranked', 'best-supportive-care', 'trial', 'test-first', 'combination', 're-biopsy', 'genetics-referral', 'other'])), name='decision_kind_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_recommended__isnull', True), ('kind__in', ['test-first', 're-biopsy', 'genetics-referral'])), models.Q(models.Q(('kind__in', ['test-first', 're-biopsy', 'genetics-referral']), _negated=True), ('is_recommended__isnull', False)), _connector='OR'), name='decision_before_treatment_decides_on_no_option'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('signatures_needed__in', [1, 2])), name='decision_needs_one_or_two_signatures'),
        ),
        migrations.AddConstraint(
            model_name='followup',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['ranked', 'best-supportive-care', 'trial', 'combination', 'other'])), name='followup_kind_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='followup',
            constraint=models.CheckConstraint(condition=models.Q(('carried_out__in', ['yes', 'partly', 'no', 'unknown'])), name='followup_carried_out_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='followup',
            constraint=models.CheckConstraint(condition=models.Q(('not_carried_out__in', ['patients-wish', 'deteriorated', 'died', 'contraindicated', 'result', 'condition-not-met', 'not-eligible', 'trial-closed', 'unavailable', 'not-funded', 'treated-elsewhere', 'lost', 'clinicians-decision', 'other', ''])), name='followup_not_carried_out_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='followup',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('carried_out__in', ['no', 'partly']), models.Q(('not_carried_out', ''), _negated=True)), models.Q(models.Q(('carried_out__in', ['no', 'partly']), _negated=True), ('not_carried_out', ''), ('not_carried_out_words', '')), _connector='OR'), name='followup_not_carried_out_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='meeting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', True), ('finished_by__isnull', True)), models.Q(('finished_at__isnull', False), ('finished_by__isnull', False), ('fixed_at__isnull', False)), _connector='OR'), name='meeting_is_finished_by_a_person'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['member', 'chair', 'coordinator', 'reader', 'quality'])), name='membership_role_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('discipline__in', ['oncology', 'surgery', 'pathology', 'radiology', 'nuclear-medicine', 'radiotherapy', 'gastroenterology', 'endocrinology', 'pulmonology', 'urology', 'gynaecology', 'genetics', 'palliative-care', 'nursing', 'pharmacy', 'other', ''])), name='membership_discipline_is_listed'),
        ),
        migrations.AddField(
            model_name='attendance',
            name='meeting',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attendances', to='boards.meeting'),
        ),
        migrations.AddField(
            model_name='attendance',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='development',
            name='acknowledged_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='development',
            name='decision',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='developments', to='boards.decision'),
        ),
        migrations.AddField(
            model_name='development',
            name='release',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regimens.knowledgerelease'),
        ),
        migrations.AddField(
            model_name='latercourse',
            name='follow_up',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='later_courses', to='boards.followup'),
        ),
        migrations.AddField(
            model_name='plandraft',
            name='item',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='draft', to='boards.agendaitem'),
        ),
        migrations.AddField(
            model_name='plandraft',
            name='saved_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='planstep',
            name='decision',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='boards.decision'),
        ),
        migrations.AddField(
            model_name='planstep',
            name='owner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='stepprogress',
            name='recorded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='stepprogress',
            name='step',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='progress', to='boards.planstep'),
        ),
        migrations.AddField(
            model_name='told',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='toxicity',
            name='follow_up',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='toxicities', to='boards.followup'),
        ),
        migrations.AddConstraint(
            model_name='attendance',
            constraint=models.CheckConstraint(condition=models.Q(('discipline__in', ['oncology', 'surgery', 'pathology', 'radiology', 'nuclear-medicine', 'radiotherapy', 'gastroenterology', 'endocrinology', 'pulmonology', 'urology', 'gynaecology', 'genetics', 'palliative-care', 'nursing', 'pharmacy', 'other', ''])), name='attendance_discipline_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='attendance',
            constraint=models.UniqueConstraint(condition=models.Q(('left_at__isnull', True)), fields=('meeting', 'person'), name='attendance_is_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='attendance',
            constraint=models.CheckConstraint(condition=models.Q(('left_at__isnull', True), ('left_at__gte', models.F('arrived_at')), _connector='OR'), name='attendance_ends_after_it_begins'),
        ),
        migrations.AddConstraint(
            model_name='development',
            constraint=models.UniqueConstraint(fields=('decision', 'kind', 'option', 'release'), name='development_is_raised_once'),
        ),
        migrations.AddConstraint(
            model_name='development',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['lost-standing', 'gained-standing', 'other-first', 'new-caution', 'trial-closed', 'trial-opened', 'retracted', 'not-ranked'])), name='development_kind_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='development',
            constraint=models.CheckConstraint(condition=models.Q(('acknowledged_as__in', ['no-change', 'listed-again', 'not-given', ''])), name='development_acknowledged_as_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='development',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('acknowledged_as', ''), ('acknowledged_at__isnull', True), ('acknowledged_by__isnull', True)), models.Q(models.Q(('acknowledged_as', ''), _negated=True), ('acknowledged_at__isnull', False), ('acknowledged_by__isnull', False)), _connector='OR'), name='development_is_acknowledged_by_a_person'),
        ),
        migrations.AddConstraint(
            model_name='latercourse',
            constraint=models.UniqueConstraint(fields=('follow_up', 'line'), name='latercourse_line_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='latercourse',
            constraint=models.CheckConstraint(condition=models.Q(('line__gte', 2)), name='latercourse_lines_start_at_2'),
        ),
        migrations.AddConstraint(
            model_name='latercourse',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['ranked', 'best-supportive-care', 'trial', 'combination', 'other'])), name='latercourse_kind_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='latercourse',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('ranked', 'trial', 'test-first')), models.Q(('option', ''), _negated=True)), models.Q(models.Q(('kind__in', ('ranked', 'trial', 'test-first')), _negated=True), ('option', '')), _connector='OR'), name='latercourse_option_fits_kind'),
        ),
        migrations.AddConstraint(
            model_name='latercourse',
            constraint=models.CheckConstraint(condition=models.Q(('stop_reason__in', ['goes-on', 'progression', 'toxicity', 'patients-wish', 'completed', 'death', 'other', 'unknown'])), name='latercourse_stop_reason_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='latercourse',
            constraint=models.CheckConstraint(condition=models.Q(('best_response__in', ['CR', 'PR', 'SD', 'PD', 'not-evaluated', 'unknown'])), name='latercourse_best_response_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='latercourse',
            constraint=models.CheckConstraint(condition=models.Q(('started_in', ''), ('started_in__regex', '^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$'), _connector='OR'), name='latercourse_started_in_is_a_month'),
        ),
        migrations.AddConstraint(
            model_name='latercourse',
            constraint=models.CheckConstraint(condition=models.Q(('stopped_in', ''), ('stopped_in__regex', '^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$'), _connector='OR'), name='latercourse_stopped_in_is_a_month'),
        ),
        migrations.AddConstraint(
            model_name='latercourse',
            constraint=models.CheckConstraint(condition=models.Q(('progressed_in', ''), ('progressed_in__regex', '^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$'), _connector='OR'), name='latercourse_progressed_in_is_a_month'),
        ),
        migrations.AddConstraint(
            model_name='latercourse',
            constraint=models.CheckConstraint(condition=models.Q(('started_in', ''), ('stopped_in', ''), ('stopped_in__gte', models.F('started_in')), _connector='OR'), name='latercourse_started_in_not_after_stopped_in'),
        ),
        migrations.AddConstraint(
            model_name='latercourse',
            constraint=models.CheckConstraint(condition=models.Q(('started_in', ''), ('progressed_in', ''), ('progressed_in__gte', models.F('started_in')), _connector='OR'), name='latercourse_started_in_not_after_progressed_in'),
        ),
        migrations.AddConstraint(
            model_name='latercourse',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('stop_reason', 'goes-on'), _negated=True), ('stopped_in', ''), _connector='OR'), name='latercourse_going_on_has_not_stopped'),
        ),
        migrations.AddConstraint(
            model_name='planstep',
            constraint=models.UniqueConstraint(fields=('decision', 'position'), name='planstep_has_its_own_place'),
        ),
        migrations.AddConstraint(
            model_name='planstep',
            constraint=models.CheckConstraint(condition=models.Q(('position__gte', 1)), name='planstep_places_start_at_1'),
        ),
        migrations.AddConstraint(
            model_name='planstep',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['ranked', 'best-supportive-care', 'trial', 'test-first', 'combination', 're-biopsy', 'genetics-referral', 'other'])), name='planstep_kind_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='planstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('ranked', 'trial', 'test-first')), models.Q(('option', ''), _negated=True)), models.Q(models.Q(('kind__in', ('ranked', 'trial', 'test-first')), _negated=True), ('option', '')), _connector='OR'), name='planstep_option_fits_kind'),
        ),
        migrations.AddConstraint(
            model_name='stepprogress',
            constraint=models.UniqueConstraint(fields=('step', 'number'), name='stepprogress_number_is_unique'),
        ),
        migrations.AddConstraint(
            model_name='stepprogress',
            constraint=models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='stepprogress_numbers_start_at_1'),
        ),
        migrations.AddConstraint(
            model_name='stepprogress',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['agreed', 'asked-for', 'going-on', 'done', 'not-done'])), name='stepprogress_state_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='stepprogress',
            constraint=models.CheckConstraint(condition=models.Q(('not_done__in', ['patients-wish', 'deteriorated', 'died', 'contraindicated', 'result', 'condition-not-met', 'not-eligible', 'trial-closed', 'unavailable', 'not-funded', 'treated-elsewhere', 'lost', 'clinicians-decision', 'other', ''])), name='stepprogress_not_done_is_listed'),
        ),
        migrations.AddConstraint(
            model_name='stepprogress',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'not-done'), models.Q(('not_done', ''), _negated=True)), models.Q(models.Q(('state', 'not-done'), _negated=True), ('not_done', '')), _connector='OR'), name='stepprogress_not_done_has_a_coded_reason'),
        ),
        migrations.AddConstraint(
            model_name='told',
            constraint=models.UniqueConstraint(fields=('person', 'about'), name='told_is_sent_once'),
        ),
        migrations.AddConstraint(
            model_name='toxicity',
            constraint=models.UniqueConstraint(fields=('follow_up', 'line', 'term'), name='toxicity_is_said_once'),
        ),
        migrations.AddConstraint(
            model_name='toxicity',
            constraint=models.CheckConstraint(condition=models.Q(('line__gte', 1)), name='toxicity_lines_start_at_1'),
        ),
        migrations.AddConstraint(
            model_name='toxicity',
            constraint=models.CheckConstraint(condition=models.Q(('term', ''), _negated=True), name='toxicity_is_named'),
        ),
        migrations.AddConstraint(
            model_name='toxicity',
            constraint=models.CheckConstraint(condition=models.Q(('grade__range', (1, 5))), name='toxicity_grade_is_1_to_5'),
        ),
    ]
