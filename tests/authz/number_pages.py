"""The codes of the pages of figures and money."""

KEEPING = {"crm:purge_list", "crm:purge_start"}
PAGES_OF_NUMBERS = {
    "lead:erase": {"crm:lead_erase"},
    "lead:analytics": {
        "crm:analytics",
        "crm:analytics_consultations",
        "crm:analytics_coordinators",
        "crm:analytics_csv",
        "crm:analytics_lost",
        "crm:analytics_sources",
        "inbox:satisfaction_report",
        "crm:analytics_times",
        "crm:speed_report",
        "crm:report_end",
        "crm:report_list",
        "crm:report_preview",
        "crm:report_resume",
        "crm:report_retry",
    },
    "marketing:update": {
        "crm:figure_import_csv",
        "crm:figure_import_detail",
        "crm:figure_import_list",
        "crm:figure_import_run",
        "crm:figure_import_undo",
        "crm:kpi_list",
        "crm:spend_delete",
        "crm:spend_list",
        "crm:spend_undo",
    },
    "commission:manage": {
        "crm:commission_csv",
        "crm:commission_list",
        "crm:commission_lock",
        "crm:commission_rule_create",
        "crm:commission_rule_edit",
        "crm:commission_statement",
        "crm:commission_unlock",
        "crm:lead_closer",
    },
}
