"""How to ask for leads: every question is a chainable method that reads as a phrase."""

from datetime import timedelta

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.fields.tuple_lookups import TupleLessThan
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinics.normalising import name_key, phone_digits
from crm.models.choices import LeadStatus

OPEN = (LeadStatus.NEW, LeadStatus.ACTIVE)


class LeadQuerySet(models.QuerySet):
    def present(self):
        """Leads that were not deleted."""
        return self.filter(deleted_at=None)

    def captured_between(self, start, end):
        """Leads that first asked from `start` on and before `end`."""
        return self.present().filter(captured_at__gte=start, captured_at__lt=end)

    def on_board(self):
        return self.present().exclude(status=LeadStatus.ARCHIVED)

    def open(self):
        return self.present().filter(status__in=OPEN)

    def newest_first(self):
        return self.order_by("-captured_at", "-pk")

    def owned_by(self, member):
        return self.filter(assigned_to=member)

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

    def _rows(self, relation):
        """The rows of another table that belong to leads: its model knows this one, not the other way round."""
        return self.model._meta.get_field(relation).related_model.objects

    def unread(self):
        """Leads who have written something that nobody has read."""
        return self.filter(deleted_at=None, unread_count__gt=0)

    def matching_text(self, text):
        """Leads whose name, phone, e-mail or external id holds `text`, whatever its case and accents."""
        wanted = Q(name_key__contains=name_key(text)) | Q(email_norm__contains=text.strip().lower())
        digits = phone_digits(text)
        if len(digits) >= 3:
            wanted |= Q(phone_e164__contains=digits) | Q(phone_alt_e164__contains=digits)
        return self.filter(wanted | Q(external_id=text.strip()))

    def for_cards(self):
        """Everything that a card or a row of the list shows of the lead itself, in one query."""
        return self.select_related("source", "assigned_to__user", "stage")

    def for_rows(self, columns):
        """Everything that these columns of the list show of the lead itself, in one query."""
        leads = self.for_cards()
        return (
            leads.select_related("source", "assigned_to__user", "stage", "location") if "location" in columns else leads
        )

    def count_by_member(self):
        """How many leads each member of staff has: {member_id: count}."""
        rows = self.order_by().exclude(assigned_to=None).values("assigned_to_id").annotate(count=Count("pk"))
        return {row["assigned_to_id"]: row["count"] for row in rows}

    def for_page(self):
        """Everything that a lead's own page shows of the lead itself, in one query."""
        return self.select_related(
            "source", "stage", "assigned_to__user", "location", "referring_provider", "updated_by__user",
            "consultation__provider", "consultation__type",
        )  # fmt: skip

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

    def totals_by_stage(self, *, shown=None, mine=None):
        """Exact figures of each stage: {stage_id: {"count", "cents"}}, of the leads that also pass `shown` (a Q).

        With `mine` (a member) also {"everyones", "mine"}: all the leads, and those that this member takes care of.
        """
        # The clinic's column is counted because the index of the totals holds it: no row is read.
        figures = {
            "count": Count("clinic", filter=shown),
            "cents": Coalesce(Sum("expected_value_cents", filter=shown), 0),
        }
        if mine is not None:
            figures |= {"everyones": Count("clinic"), "mine": Count("clinic", filter=Q(assigned_to=mine))}
        rows = self.order_by().values("stage_id").annotate(**figures)
        return {row["stage_id"]: row for row in rows}
