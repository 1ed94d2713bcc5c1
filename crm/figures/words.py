"""What each figure means, in the words of the page; docs/metrics.md says the same at length."""

from django.utils.translation import gettext_lazy as _

DEFINITIONS = {
    "total_leads": (
        _("Leads"),
        _("Everybody who first asked within the period. Deleted ones are left out, archived ones counted."),
    ),
    "reached": (
        _("Reached a stage"),
        _(
            "Stands there or further on. Skipped stages count as reached; a lost lead counts up to the stage where "
            "it was lost."
        ),
    ),
    "stage_conversion": (_("Of the one above"), _("Reached this stage, of those who reached the stage above it.")),
    "conversion_rate": (_("Conversion rate"), _("Leads that became patients, of all leads of the period, to date.")),
    "period_view": (
        _("Period view"),
        _("Moves that happened within the period, whenever their leads first asked. Undone moves do not count."),
    ),
    "coordinator_rate": (
        _("Coordinator’s rate"),
        _("Started of the leads that somebody has now, of the leads that first asked within the period."),
    ),
    "interval": (
        _("Interval"),
        _(
            "Wilson score interval of 90 percent: nine times in ten the true rate lies within. Few leads, wide "
            "interval."
        ),
    ),
    "expected": (
        _("Expected"),
        _(
            "What the whole clinic converts of leads from the same sources that asked about the same treatments, mixed "
            "as this coordinator’s leads are (indirect standardisation). Of what has fewer than 20 leads in the whole "
            "clinic, several kinds are taken together."
        ),
    ),
    "response_time": (
        _("First answer"),
        _(
            "From the first inquiry until somebody called, wrote or met, day and night; half of them took at most so "
            "long. Automatic replies do not count."
        ),
    ),
    "workload": (_("Load"), _("Open leads of today, of the number that was set as this person’s capacity.")),
    "source_mix": (_("Source mix"), _("The share of leads by the source on their cards.")),
    "cost_per_lead": (_("Cost per lead"), _("Spent on the source in the period, divided by its leads.")),
    "cost_per_acquisition": (
        _("Cost per patient"),
        _("Spent on the source in the period, divided by those of its leads who became patients to date."),
    ),
    "collected": (
        _("Collected"),
        _(
            "Payments, refunds taken off, of the patients whom these leads became, from the day they first asked up to "
            "today. A patient counts for the lead through which they came first. Paid invoices that other programs "
            "tell of are events and not added here."
        ),
    ),
    "late": (
        _("Late revenue"),
        _(
            "Payments and starts that came after a month was closed count for the month in which the lead first asked. "
            "What stood there on closing is kept and never changed."
        ),
    ),
    "return": (_("Return"), _("Collected less spent, divided by spent: plus 300 percent is four times the money.")),
    "unknown": (
        _("Unknown"),
        _("Leads of a source that stands for “nobody asked”, and touches without a source. Shown, never spread."),
    ),
    "attribution": (
        _("Credit"),
        _(
            "A lead with one touch counts for the source on its card. Of a lead with several touches before its start, "
            "each model shares the one patient in its own way."
        ),
    ),
    "first_touch": (_("First touch"), _("All credit to the first touch.")),
    "last_touch": (_("Last touch"), _("All credit to the last touch.")),
    "linear": (_("Linear"), _("The same credit to each touch.")),
    "position": (_("Position"), _("40 percent to the first, 40 to the last, 20 shared by those between.")),
    "decay": (_("Time decay"), _("Each week before the last touch halves the credit.")),
    "events": (
        _("Clicks, booked, came, invoices paid, invoiced"),
        _(
            "Events of the period, told by the API or a file, of the campaign that they name or that of their lead. "
            "Invoiced is what their paid invoices come to; it stands beside what was collected and is no part of it."
        ),
    ),
    "lost_reasons": (_("Lost reasons"), _("Leads of the period that are lost now, by the reason that was given.")),
    "time_in_stage": (
        _("Time in stage"),
        _("From the move into a stage, or the first inquiry, to the move out of it, of moves within the period."),
    ),
    "time_to_convert": (_("Time to convert"), _("From the first inquiry to the start of treatment.")),
    "velocity": (
        _("Velocity"),
        _(
            "Lead velocity: new leads against the month before. Pipeline velocity: value of the leads that started, "
            "divided by the average days they took."
        ),
    ),
    "show_rate": (
        _("Show rate"),
        _("Consultations that took place, of those that took place or were missed. Called off ones are told apart."),
    ),
    "acceptance_rate": (
        _("Acceptance rate"),
        _("Leads that accepted the treatment, of those who came to the consultation."),
    ),
}


def explain(pictures):
    """[(name, text)] of all the figures that some pictures show, each once."""
    keys = dict.fromkeys(key for picture in pictures for key in picture.explains)
    return [DEFINITIONS[key] for key in keys]
