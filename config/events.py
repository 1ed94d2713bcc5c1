"""Every event that is recorded, in the words of the audit log: action -> what somebody did."""

from django.utils.translation import gettext_lazy as _

EVENTS = {
    "clinics.audit.exported": _("exported the audit log"),
    "clinics.clinic.opened": _("opened the clinic"),
    "clinics.job.cancel_asked": _("asked a job to stop"),
    "clinics.job.cancelled": _("job was cancelled"),
    "clinics.job.done": _("job was done"),
    "clinics.job.failed": _("job failed"),
    "clinics.job.retried": _("started a job again"),
    "clinics.job.started": _("started a job"),
    "clinics.reaction.repeated": _("repeated a reaction"),
    "crm.lead.activity_logged": _("logged an activity"),
    "crm.lead.activity_undone": _("took back an activity"),
    "crm.lead.assigned": _("assigned a lead"),
    "crm.lead.captured": _("added a lead"),
    "crm.lead.converted": _("converted a lead"),
    "crm.lead.edited": _("edited a lead"),
    "crm.lead.lost": _("marked a lead as lost"),
    "crm.lead.move_undone": _("took back a move"),
    "crm.lead.moved": _("moved a lead"),
    "crm.lead.reopened": _("reopened a lead"),
    "crm.lead.viewed": _("looked at a lead"),
    "crm.opportunity.set": _("set what a lead is worth"),
    "crm.task.created": _("added a task"),
}
