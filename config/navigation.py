"""The side navigation on one page: section, label, icon, view, permission and the key that follows `g`."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinics.access import may
from clinics.shell import Place

AD_CAMPAIGNS = ("crm:ad_campaign_list", "crm:ad_campaign_create", "crm:ad_campaign_edit")


@dataclass(frozen=True)
class Item:
    label: str
    view: str
    icon: str
    permission: str | None
    key: str = ""
    also: tuple = ()  # other views for which this entry is the current one
    waiting: str = ""  # dotted path to a function that returns the rows of those who wait here, to be counted
    waiting_for: str = ""  # the same of a function of the member: who waits here for this one

    def is_open_to(self, member):
        return self.permission is None or may(member, self.permission)

    def shown(self, current, count=""):
        """The entry as it is drawn on the page with the view `current`; `count` waits there."""
        is_current = current == self.view or current in self.also
        return Place(reverse(self.view), str(self.label), self.icon, self.key, count, is_current)


@dataclass(frozen=True)
class Section:
    title: str
    items: tuple


SECTIONS = [
    Section(
        "",
        (
            Item(_("Today"), "crm:today", "today", "lead:read", "h"),
            Item(_("Pipeline"), "crm:board", "board", "lead:read", "b", ("crm:lead_detail",)),
            Item(_("Leads"), "crm:lead_list", "list", "lead:read", "l"),
            Item(
                _("Tasks"),
                "crm:task_list",
                "tasks",
                "task:read",
                "t",
                ("crm:task_calendar", "crm:task_create", "crm:task_edit", "crm:task_finish"),
                waiting_for="crm.task_lists.overdue_tasks",
            ),
            Item(
                _("Inbox"),
                "inbox:inbox",
                "inbox",
                "inbox:read",
                "i",
                ("inbox:conversation_detail",),
                "inbox.shelves.unread_conversations",
            ),
            Item(_("Duplicates"), "crm:duplicate_list", "merge", "lead:merge", "d", ("crm:duplicate_detail",)),
            Item(
                _("Card and schedule"),
                "crm:disagreement_list",
                "calendar",
                "lead:read",
                waiting="crm.disagreements.open_disagreements",
            ),
            Item(_("Workload"), "crm:workload", "patients", "lead:assign", "w", ("crm:hand_over",)),
            Item(
                _("Schedule"),
                "patients:schedule",
                "calendar",
                "schedule:read",
                "s",
                ("patients:day_sheet", "patients:waitlist"),
            ),
            Item(
                _("Patients"),
                "patients:patient_list",
                "patients",
                "patient:read",
                "p",
                ("patients:patient_detail", "patients:patient_create", "patients:patient_edit"),
            ),
            Item(_("Recall"), "patients:recall_list", "reactivate", "patient:read"),
            Item(
                _("Patients here twice"),
                "patients:patient_pair_list",
                "merge",
                "patient:merge",
                "",
                ("patients:patient_pair_detail",),
            ),
            Item(
                _("Inquiries"),
                "crm:inquiry_list",
                "download",
                "inquiry:read",
                "q",
                ("crm:inquiry_detail", "crm:inquiry_replay"),
                "crm.submissions.failed_submissions",
            ),
        ),
    ),
    Section(
        _("Growth"),
        (
            Item(
                _("Analytics"),
                "crm:analytics",
                "analytics",
                "lead:analytics",
                "y",
                (
                    "crm:analytics_sources",
                    "crm:analytics_coordinators",
                    "crm:analytics_times",
                    "crm:analytics_consultations",
                    "crm:analytics_lost",
                    "crm:speed_report",
                    "crm:report_list",
                    "crm:report_preview",
                ),
            ),
            Item(_("How content they are"), "inbox:satisfaction_report", "star", "lead:analytics"),
            Item(
                _("Spend"),
                "crm:spend_list",
                "dollar",
                "marketing:update",
                "",
                ("crm:kpi_list", "crm:figure_import_list", "crm:figure_import_detail", *AD_CAMPAIGNS),
            ),
            Item(
                _("Commissions"),
                "crm:commission_list",
                "tag",
                "commission:manage",
                "",
                ("crm:commission_statement", "crm:commission_rule_create", "crm:commission_rule_edit"),
            ),
        ),
    ),
    Section(
        _("Clinic"),
        (
            Item(
                _("Imports"),
                "crm:import_list",
                "upload",
                "import:run",
                "m",
                ("crm:import_create", "crm:import_detail", "crm:import_rows"),
            ),
            Item(
                _("Channels"),
                "inbox:account_list",
                "chat",
                "inbox:configure",
                "",
                ("inbox:account_create", "inbox:account_detail", "inbox:account_edit"),
            ),
            Item(_("Pretend phones"), "inbox:sandbox", "flask", "inbox:reply"),
            Item(
                _("Webhooks"),
                "clinics:webhook_list",
                "zap",
                "clinic:configure",
                "",
                (
                    "clinics:webhook_detail",
                    "clinics:webhook_connection_list",
                    "clinics:webhook_connection_create",
                    "clinics:webhook_connection_detail",
                ),
            ),
            Item(
                _("EMR"),
                "patients:emr_issue_list",
                "link",
                "clinic:configure",
                "",
                (
                    "patients:emr_connection_list",
                    "patients:emr_connection_create",
                    "patients:emr_connection_detail",
                    "patients:emr_connection_edit",
                    "patients:emr_issue_detail",
                    "patients:emr_run_list",
                    "patients:emr_run_detail",
                    "patients:emr_file_list",
                    "patients:emr_file_create",
                    "patients:emr_file_detail",
                ),
            ),
            Item(
                _("Payments by file"),
                "patients:payment_import_list",
                "upload",
                "import:run",
                also=("patients:payment_import_detail",),
            ),
            Item(
                _("Who gets which lead"),
                "crm:assignment_rule_list",
                "user-plus",
                "lead:configure",
                also=("crm:assignment_rule_create", "crm:assignment_rule_edit"),
            ),
            Item(_("Follow-up rules"), "crm:rule_list", "zap", "lead:configure", "", ("crm:rule_rehearse",)),
            Item(_("Walk-in form"), "crm:walk_in", "user-plus", "lead:create"),
            Item(_("Forms"), "crm:form_list", "pencil", "lead:configure", "f", ("crm:form_create", "crm:form_edit")),
            Item(_("Background jobs"), "clinics:job_list", "clock", "job:read"),
            Item(_("How long we keep things"), "crm:purge_list", "archive", "clinic:configure"),
            Item(_("Staff"), "clinics:member_list", "patients", "staff:manage"),
            Item(_("Audit"), "clinics:audit_list", "shield", "audit:read"),
            Item(_("Settings"), "admin:index", "settings", "clinic:configure"),
        ),
    ),
]


ADMIN = [
    (
        _("Clinic"),
        [
            (_("Settings"), "tune", "admin:clinics_clinic_changelist"),
            (_("Locations"), "location_on", "admin:clinics_location_changelist"),
            (_("Staff"), "group", "clinics:member_list"),
        ],
    ),
    (
        _("Pipeline"),
        [
            (_("Stages"), "view_kanban", "admin:crm_pipelinestage_changelist"),
            (_("Who gets which lead"), "assignment_ind", "admin:crm_assignmentrule_changelist"),
            (_("Postal code areas"), "map", "admin:crm_postalarea_changelist"),
            (_("Follow-up rules"), "rule", "admin:crm_followuprule_changelist"),
            (_("Task templates"), "checklist", "admin:crm_tasktemplate_changelist"),
            (_("Tags"), "sell", "admin:clinics_tag_changelist"),
        ],
    ),
    (
        _("Where leads come from"),
        [
            (_("Lead sources"), "explore", "admin:crm_leadsource_changelist"),
            (_("Ad campaigns"), "campaign", "admin:crm_adcampaign_changelist"),
            (_("Referring doctors"), "stethoscope", "admin:crm_referringprovider_changelist"),
        ],
    ),
    (
        _("Schedule"),
        [
            (_("Providers"), "stethoscope", "admin:patients_provider_changelist"),
            (_("Rooms and chairs"), "chair", "admin:patients_room_changelist"),
            (_("Kinds of rooms and chairs"), "category", "admin:patients_roomkind_changelist"),
            (_("Appointment types"), "event", "admin:patients_appointmenttype_changelist"),
            (_("Blocked times"), "event_busy", "admin:patients_scheduleblock_changelist"),
            (_("Calendar feeds"), "rss_feed", "patients:feed_list"),
        ],
    ),
    (
        _("Inbox"),
        [
            (_("Settings of the inbox"), "tune", "admin:inbox_inboxsettings_changelist"),
            (_("Channel accounts"), "forum", "admin:inbox_channelaccount_changelist"),
            (_("Approved templates"), "task", "admin:inbox_approvedtemplate_changelist"),
            (_("Wordings of consent"), "history_edu", "admin:inbox_consentwording_changelist"),
        ],
    ),
    (
        _("What happened"),
        [
            (_("Audit log"), "policy", "admin:clinics_auditlog_changelist"),
            (_("Inquiries"), "inbox", "crm:inquiry_list"),
            (_("Sending"), "send", "inbox:sending"),
            (_("Stopped addresses"), "block", "inbox:suppression_list"),
            (_("Consents from a file"), "fact_check", "inbox:consent_import"),
            (_("Webhooks"), "webhook", "admin:clinics_webhooklog_changelist"),
            (_("Reactions"), "bolt", "admin:clinics_reaction_changelist"),
        ],
    ),
]


def admin_navigation(request):
    """The admin's own side navigation, grouped as people think of their clinic."""
    return [
        {
            "title": title,
            "separator": True,
            "items": [{"title": label, "icon": icon, "link": reverse(view)} for label, icon, view in items],
        }
        for title, items in ADMIN
    ]
