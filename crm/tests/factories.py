from datetime import timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from clinics.models import Tag
from clinics.models.base import current_clinic_id
from clinics.normalising import email_norm, name_key, phone_e164
from clinics.public_tokens import new_token
from crm.form_words import field_entry
from crm.models import (
    ActivityType,
    AssignmentRule,
    AssignmentShare,
    FollowUpAction,
    FollowUpRule,
    Lead,
    LeadActivity,
    LeadForm,
    LeadSource,
    LeadTask,
    PipelineStage,
    SourceCategory,
    Trigger,
)


class PipelineStageFactory(DjangoModelFactory):
    class Meta:
        model = PipelineStage

    name = factory.Sequence(lambda n: f"Stage {n}")
    slug = factory.Sequence(lambda n: f"stage_{n}")
    order = factory.Sequence(lambda n: 100 + n)


class LeadSourceFactory(DjangoModelFactory):
    class Meta:
        model = LeadSource

    name = factory.Sequence(lambda n: f"Source {n}")
    category = SourceCategory.WEB_ORGANIC


class TagFactory(DjangoModelFactory):
    class Meta:
        model = Tag

    name = factory.Sequence(lambda n: f"Tag {n}")


class LeadFactory(DjangoModelFactory):
    """A lead in the clinic's first stage, from its first source, normalised as intake would."""

    class Meta:
        model = Lead

    first_name = factory.Sequence(lambda n: f"Lead{n}")
    last_name = "Sample"
    phone = factory.Sequence(lambda n: f"+1212555{n % 10000:04d}")
    email = factory.Sequence(lambda n: f"lead{n}@example.com")
    stage = factory.LazyFunction(lambda: PipelineStage.objects.in_order().first())
    source = factory.LazyFunction(lambda: LeadSource.objects.order_by("name").first())
    stage_entered_at = factory.LazyFunction(timezone.now)
    captured_at = factory.LazyFunction(timezone.now)
    name_key = factory.LazyAttribute(lambda lead: name_key(lead.first_name, lead.last_name))
    email_norm = factory.LazyAttribute(lambda lead: email_norm(lead.email))
    phone_e164 = factory.LazyAttribute(lambda lead: phone_e164(lead.phone, region="US") or lead.phone)


class LeadFormFactory(DjangoModelFactory):
    """An open web form that asks for a name, a phone number, an e-mail address and an interest."""

    class Meta:
        model = LeadForm

    name = factory.Sequence(lambda n: f"Form {n}")
    token = factory.LazyFunction(lambda: new_token(current_clinic_id()))
    fields = factory.LazyFunction(
        lambda: [
            field_entry(name) for name in ("first_name", "last_name", "phone", "email", "treatment_interest", "notes")
        ]
    )


class LeadTaskFactory(DjangoModelFactory):
    class Meta:
        model = LeadTask

    lead = factory.SubFactory(LeadFactory)
    title = "Call back"
    due_at = factory.LazyFunction(timezone.now)


class LeadActivityFactory(DjangoModelFactory):
    class Meta:
        model = LeadActivity

    lead = factory.SubFactory(LeadFactory)
    type = ActivityType.NOTE
    notes = "Asked about prices."
    occurred_at = factory.LazyFunction(timezone.now)


class AssignmentRuleFactory(DjangoModelFactory):
    """A rule that fits every lead; `people` get them in turn, each with weight 1, or {member: weight}."""

    class Meta:
        model = AssignmentRule
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Rule {n}")
    order = factory.Sequence(lambda n: n)

    @factory.post_generation
    def people(rule, _create, people, **_kwargs):
        for place, member in enumerate(people or ()):
            weight = people[member] if isinstance(people, dict) else 1
            AssignmentShare.objects.create(rule=rule, member=member, weight=weight, place=place)


class FollowUpRuleFactory(DjangoModelFactory):
    """A rule that tags whoever comes in, unless it is told otherwise."""

    class Meta:
        model = FollowUpRule

    name = factory.Sequence(lambda n: f"Rule {n}")
    trigger = Trigger.LEAD_CREATED
    action = FollowUpAction.TAG
    tag = factory.Maybe("needs_tag", yes_declaration=factory.SubFactory(TagFactory), no_declaration=None)
    active_since = factory.LazyFunction(lambda: timezone.now() - timedelta(days=30))

    class Params:
        needs_tag = factory.LazyAttribute(lambda rule: rule.action == FollowUpAction.TAG)
