"""How to ask for leads: every question is a chainable method that reads as a phrase."""

from collections import namedtuple
from datetime import timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.fields.tuple_lookups import TupleLessThan
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone

from clinics.models.staff import name_of_person
from clinics.search_words import found_by, found_soon_by
from crm.models.choices import LeadStatus
from crm.models.household import ContactPoint
from crm.models.lead_words import OPEN, LeadWords
from crm.models.word import LeadWord

# What the list shows of a lead, and of the rows beside it, by the name that a ShownLead has for it.
SHOWN = {
    name: name
    for name in (
        "pk", "status", "stage_entered_at", "captured_at", "first_contacted_at", "first_name", "last_name", "email",
        "phone", "phone_e164", "external_id", "patient_first_name", "patient_last_name", "expected_value_cents",
        "treatment_interest", "lost_reason", "source_campaign", "city",
    )
} | {
    "source": "source__name",
    "stage": "stage__name",
    "location": "location__name",
    "owner_id": "assigned_to_id",
    "owner_first_name": "assigned_to__user__first_name",
    "owner_last_name": "assigned_to__user__last_name",
    "owner_email": "assigned_to__user__email",
}  # fmt: skip


class ShownLead(LeadWords, namedtuple("ShownLead", [*SHOWN, "next_task", "answers"], defaults=[None, None])):
    """What the list shows of a lead, without the row itself; source, stage and location by name."""

    __slots__ = ()

    @property
    def owner_name(self):
        """What colleagues call the coordinator; empty without one."""
        if self.owner_id is None:
            return ""
        return name_of_person(self.owner_first_name, self.owner_last_name, self.owner_email)

    @property
    def owner_short_name(self):
        return self.owner_first_name or self.owner_name

    def answer_to(self, question):
        """What they answered to a question of the clinic's own, by its name."""
        return next((each["answer"] for each in self.answers or () if each.get("name") == question), "")


class LeadQuerySet(models.QuerySet):
    def present(self):
        """Leads that were not deleted."""
        return self.filter(deleted_at=None)

    def captured_between(self, start, end):
        """Leads that first asked from `start` on and before `end`."""
        return self.present().filter(captured_at__gte=start, captured_at__lt=end)

    def with_consultation_between(self, start, end):
        """Leads whose consultation begins from `start` on and before `end`."""
        return self.filter(consultation__starts_at__gte=start, consultation__starts_at__lt=end)

    def called(self, external_id, *, email, number):
        """Present leads of this external id, normalised e-mail or phone number."""
        wanted = Q(external_id=external_id)
        wanted |= Q(email_norm=email) if email and "@" in email else Q(pk__in=[])
        return self.present().filter(wanted | Q(phone_e164=number) if number else wanted)

    def on_board(self):
        return self.present().exclude(status=LeadStatus.ARCHIVED)

    def open(self):
        return self.present().filter(status__in=OPEN)

    def newest_first(self):
        return self.order_by("-captured_at", "-pk")

    def owned_by(self, member):
        return self.filter(assigned_to=member)

    def without_owner_among(self, members):
        """Leads that belong to nobody of a query of members: to somebody else, or to nobody."""
        return self.filter(Q(assigned_to=None) | ~Q(assigned_to__in=members))

    def of_whom_or_whose_tasks(self, member):
        """Open leads of a member, and those for which they have something to do."""
        theirs = self._rows("tasks").open().filter(assigned_to=member)
        return self.open().filter(Q(assigned_to=member) | Q(pk__in=theirs.values("lead_id")))

    def moved_since(self, moment):
        """Leads that somebody has moved since a moment, to where they stand now; imported ones were not moved."""
        moves = self._rows("stage_changes").standing().filter(lead=OuterRef("pk"), to_stage=OuterRef("stage"))
        return self.present().filter(Exists(moves), stage_entered_at__gte=moment)

    def with_consultation(self, appointment_id):
        """Leads whose consultation is this appointment."""
        return self.present().filter(consultation=appointment_id)

    def whose_consultation_was_of(self, patient_id):
        """Leads whose consultation turned out to be of this patient."""
        return self.filter(consultation__patient=patient_id)

    def in_stage(self, stage):
        return self.filter(stage=stage)

    def in_stages(self, stages):
        return self.filter(stage__in=stages)

    def newest_in_stage_first(self):
        """The order of a column: who came last stands on top."""
        return self.order_by("-stage_entered_at", "-pk")

    def entered_before(self, moment, pk):
        """The leads below a place in their column, found along the index of the column."""
        return self.filter(TupleLessThan((F("stage_entered_at"), F("id")), (moment, pk)))

    def from_source(self, *sources):
        return self.filter(source__in=sources) if len(sources) > 1 else self.filter(source=sources[0])

    def at_location(self, *locations):
        return self.filter(location__in=locations)

    def tagged(self, *tags):
        """Leads that carry any of the tags."""
        if len(tags) == 1:
            return self.filter(tag_links__tag=tags[0])
        links = self._rows("tag_links").filter(tag__in=tags)
        return self.filter(pk__in=links.values("lead_id"))

    def interested_in(self, *interests):
        """Leads who asked for any of these treatments."""
        return self.filter(treatment_interest__overlap=list(interests))

    def stuck(self, days_at_most):
        """Open leads that have been in their stage for longer than it allows: {stage id: days}."""
        now, late = timezone.now(), Q(pk__in=[])
        for stage, days in days_at_most.items():
            late |= Q(stage=stage, stage_entered_at__lt=now - timedelta(days=days))
        return self.open().filter(late)

    def with_overdue_task(self):
        """Leads for whom something should have been done by now."""
        return self.filter(pk__in=self._rows("tasks").overdue().values("lead_id"))

    def without_next_step(self):
        """Open leads for whom nothing is planned."""
        return self.open().exclude(Exists(self._rows("tasks").open().filter(lead=OuterRef("pk"))))

    def without_date(self, now):
        """Open leads for whom nothing is planned, and who have no consultation ahead."""
        comes = Q(consultation__status__in=("SCHEDULED", "CONFIRMED"), consultation__ends_at__gt=now)
        return self.without_next_step().exclude(comes)

    def not_planned_from(self, moment):
        """Leads about whom nothing is put off until a moment or later."""
        return self.exclude(Exists(self._rows("tasks").open().filter(lead=OuterRef("pk"), due_at__gte=moment)))

    def merged_into(self, leads):
        """Leads that stand merged into some others."""
        standing = self._rows("merged_into").standing().filter(survivor__in=leads)
        return self.filter(pk__in=standing.values("merged"))

    def untouched_since(self, moment):
        """Leads, deleted ones too, that were here before a moment and about whom nothing has happened from then on."""
        since = {
            "activities": "occurred_at", "touchpoints": "occurred_at", "stage_changes": "changed_at",
            "tasks": "due_at", "submissions": "received_at",
        }  # fmt: skip
        leads = self.filter(created_at__lt=moment, captured_at__lt=moment, stage_entered_at__lt=moment)
        leads = leads.exclude(converted_at__gte=moment).exclude(consultation__starts_at__gte=moment)
        for relation, column in since.items():
            leads = leads.exclude(
                Exists(self._rows(relation).filter(lead=OuterRef("pk"), **{f"{column}__gte": moment}))
            )
        return leads

    def _rows(self, relation):
        """The rows of another table that belong to leads: its model knows this one, not the other way round."""
        return self.model._meta.get_field(relation).related_model.objects

    def unread(self):
        """Leads who have written something that nobody has read."""
        return self.filter(deleted_at=None, unread_count__gt=0)

    def found_by(self, text):
        """Leads with words (of names, e-mail, phone numbers, external id) that begin as those of a text do."""
        return found_by(self, LeadWord, text)

    def found_soon_by(self, text):
        """The same leads, for who wants to see a few of them at once."""
        return found_soon_by(self, LeadWord, text)

    def for_cards(self):
        """Everything that a card or a row of the list shows of the lead itself, in one query."""
        return self.select_related("source", "assigned_to__user", "stage")

    def as_shown(self, **more):
        """The leads as ShownLeads, with no more than the list shows of them; `more` are expressions to bring along."""
        rows = self.annotate(**more).values_list(*SHOWN.values(), *more)
        names = [*SHOWN, *more]
        return [ShownLead(**dict(zip(names, row, strict=True))) for row in rows]

    def count_by_member(self):
        """How many leads each member of staff has: {member_id: count}."""
        rows = self.order_by().exclude(assigned_to=None).values("assigned_to_id").annotate(count=Count("pk"))
        return {row["assigned_to_id"]: row["count"] for row in rows}

    def for_page(self):
        """Everything that a lead's own page shows of the lead itself, of its opportunity (`deal`), and which of its
        numbers reached somebody else (`wrong_numbers`), in one query."""
        numbers = (OuterRef("phone_e164"), OuterRef("phone_alt_e164"))
        wrong = ContactPoint.objects.filter(kind=ContactPoint.Kind.PHONE, value__in=numbers, wrong_since__isnull=False)
        deal = self._rows("opportunity").filter(lead=OuterRef("pk"))
        facts = JSONObject(procedure_code="procedure_code", expected_date="expected_date", blocker="blocker")
        return self.select_related(
            "source", "stage", "assigned_to__user", "location", "referring_provider", "referring_patient",
            "updated_by__user",
            "consultation__provider", "consultation__type", "suggested_stage",
        ).annotate(
            deal=Subquery(deal.values(deal=facts)[:1]), wrong_numbers=ArraySubquery(wrong.values("value"))
        )  # fmt: skip

    def with_blocker(self):
        """The leads with what stands against a yes (a Blocker, or nothing) as a column."""
        deals = self._rows("opportunity").filter(lead=OuterRef("pk"))
        return self.annotate(blocker=Subquery(deals.values("blocker")[:1]))

    def sharing_contact_with(self, lead):
        """Other people whom the same phone number or e-mail reaches: a family, as a rule."""
        numbers = [number for number in (lead.phone_e164, lead.phone_alt_e164) if number]
        shared = Q(phone_e164__in=numbers) | Q(phone_alt_e164__in=numbers)
        if lead.email_norm:
            shared |= Q(email_norm=lead.email_norm)
        return self.filter(shared).exclude(pk=lead.pk)

    def named_like(self, start):
        """Leads whose names begin with `start`, found along the index of names: behind a policy, LIKE has none."""
        span = self.filter(name_key__gte=start, name_key__lt=f"{start}\uffff")
        return span.filter(name_key__startswith=start).order_by("name_key", "pk")

    def phone_begins(self, start):
        """Leads whose number (E.164) begins with `start`, found along the index of numbers."""
        return self.filter(phone_e164__gte=start, phone_e164__lt=f"{start}:").order_by("phone_e164", "pk")

    def totals_by_stage(self):
        """Exact figures of each stage: {stage_id: {"count", "cents"}}."""
        return {row["stage_id"]: row for row in self.order_by().values("stage_id").annotate(**self._figures())}

    def totals_by_owner(self):
        """The same for each coordinator: {member_id or None: {stage_id: {"count", "cents"}}}."""
        found = {}
        for row in self.order_by().values("assigned_to_id", "stage_id").annotate(**self._figures()):
            found.setdefault(row["assigned_to_id"], {})[row["stage_id"]] = row
        return found

    def count_by(self, field):
        """How many leads have each value of a field: {value: count}."""
        return dict(self.order_by().values_list(field).annotate(number=Count("clinic")))

    def total(self):
        """How many leads there are."""
        return self.order_by().values("pk").count()

    def _figures(self):
        return {"count": Count("clinic"), "cents": Coalesce(Sum("expected_value_cents"), 0)}
