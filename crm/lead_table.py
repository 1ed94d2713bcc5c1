"""The list of leads: what it can be narrowed to beyond the board's filters, its rows, and the same rows as a file."""

import django_filters
from django.contrib.postgres.aggregates import StringAgg
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _
from django_filters.widgets import DateRangeWidget

from crm.filters import LeadFilter
from crm.models import Lead, LeadStatus, LeadTag, LeadTask, PipelineStage, TreatmentInterest

SIZES = (25, 50, 100)


class LeadListFilter(LeadFilter):
    """The board's filters, and those that only a list needs: stage, status and when they first asked."""

    stage = django_filters.ChoiceFilter(label=_("Stage"), field_name="stage", empty_label=_("Any"))
    status = django_filters.ChoiceFilter(label=_("Status"), choices=LeadStatus.choices, empty_label=_("Any"))
    created = django_filters.DateFromToRangeFilter(
        label=_("First asked"), field_name="captured_at", widget=DateRangeWidget(attrs={"type": "date"})
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        stages = PipelineStage.objects.in_order().values_list("pk", "name")
        self.filters["stage"].extra["choices"] = [(str(pk), name) for pk, name in stages]


def size_asked(query):
    """How many rows a page has."""
    wanted = query.get("size", "")
    return int(wanted) if wanted.isdigit() and int(wanted) in SIZES else SIZES[1]


def rows_of(lead_ids):
    """Leads by id, in the order of the ids, each with its next task: two queries, however deep the page is."""
    leads = {lead.pk: lead for lead in Lead.objects.filter(pk__in=lead_ids).for_cards()}
    tasks = LeadTask.objects.next_of(lead_ids)
    return [(leads[pk], tasks.get(pk)) for pk in lead_ids if pk in leads]


HEADER = [
    _("First name"), _("Last name"), _("Phone"), _("E-mail"), _("For"), _("Stage"), _("Status"), _("Coordinator"),
    _("Source"), _("Interest"), _("Tags"), _("Expected value"), _("First asked"), _("In stage since"),
    _("Lost because"),
]  # fmt: skip


def csv_rows(leads):
    """Yield each lead as a row under HEADER; asks the database only while it is iterated."""
    tags = LeadTag.objects.filter(lead=OuterRef("pk")).order_by().values("lead")
    tags = tags.annotate(names=StringAgg("tag__name", ", ", order_by="tag__name")).values("names")
    for lead in leads.for_cards().annotate(tag_names=Subquery(tags)).iterator(chunk_size=500):
        yield [
            lead.first_name,
            lead.last_name,
            lead.phone_e164 or lead.phone,
            lead.email,
            lead.patient_name,
            lead.stage.name,
            lead.get_status_display(),
            lead.assigned_to.display_name if lead.assigned_to else "",
            lead.source.name,
            ", ".join(str(TreatmentInterest(value).label) for value in lead.treatment_interest),
            lead.tag_names,
            f"{lead.expected_value_cents / 100:.2f}" if lead.expected_value_cents else "",
            lead.captured_at,
            lead.stage_entered_at,
            lead.get_lost_reason_display(),
        ]
