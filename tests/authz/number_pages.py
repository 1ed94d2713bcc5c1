"""The codes of the pages of figures and money."""

PAGES_OF_NUMBERS = {
    "lead:analytics": {
        "crm:analytics",
        "crm:analytics_consultations",
        "crm:analytics_coordinators",
        "crm:analytics_csv",
        "crm:analytics_lost",
        "crm:analytics_sources",
        "crm:analytics_times",
        "crm:speed_report",
    },
}
