"""The addresses of what marketing costs, of what was earned, and of how long things are kept."""

from django.urls import path

from crm.views import ad_campaigns, commission_rules, commissions, purging, spend

money = [
    path("analytics/spend/", spend.spend_list, name="spend_list"),
    path("analytics/spend/<uuid:pk>/remove/", spend.spend_delete, name="spend_delete"),
    path("analytics/spend/<uuid:pk>/undo/", spend.spend_undo, name="spend_undo"),
    path("analytics/campaigns/", ad_campaigns.ad_campaign_list, name="ad_campaign_list"),
    path("analytics/campaigns/new/", ad_campaigns.ad_campaign_create, name="ad_campaign_create"),
    path("analytics/campaigns/<uuid:pk>/", ad_campaigns.ad_campaign_edit, name="ad_campaign_edit"),
    path("analytics/campaigns/<uuid:pk>/undo/", ad_campaigns.ad_campaign_undo, name="ad_campaign_undo"),
    path("analytics/costs/<uuid:pk>/", ad_campaigns.source_cost, name="source_cost"),
    path("analytics/costs/<uuid:pk>/undo/", ad_campaigns.source_cost_undo, name="source_cost_undo"),
    path("analytics/events/", spend.kpi_list, name="kpi_list"),
    path("analytics/files/", spend.figure_import_list, name="figure_import_list"),
    path("analytics/files/<uuid:pk>/", spend.figure_import_detail, name="figure_import_detail"),
    path("analytics/files/<uuid:pk>/run/", spend.figure_import_run, name="figure_import_run"),
    path("analytics/files/<uuid:pk>/undo/", spend.figure_import_undo, name="figure_import_undo"),
    path("analytics/files/<uuid:pk>/problems/", spend.figure_import_csv, name="figure_import_csv"),
    path("commissions/", commissions.commission_list, name="commission_list"),
    path("commissions/statement/", commissions.commission_statement, name="commission_statement"),
    path("commissions/export/", commissions.commission_csv, name="commission_csv"),
    path("commissions/lock/", commissions.commission_lock, name="commission_lock"),
    path("commissions/<uuid:pk>/unlock/", commissions.commission_unlock, name="commission_unlock"),
    path("commissions/rules/new/", commission_rules.commission_rule_create, name="commission_rule_create"),
    path("commissions/rules/<uuid:pk>/", commission_rules.commission_rule_edit, name="commission_rule_edit"),
    path("commissions/rules/<uuid:pk>/remove/", commission_rules.commission_rule_remove, name="commission_rule_remove"),
    path("commissions/rules/<uuid:pk>/undo/", commission_rules.commission_rule_undo, name="commission_rule_undo"),
]
keeping = [
    path("clinic/keeping/", purging.purge_list, name="purge_list"),
    path("clinic/keeping/years/", purging.purge_years, name="purge_years"),
    path("clinic/keeping/years/<uuid:pk>/undo/", purging.purge_years_undo, name="purge_years_undo"),
    path("clinic/keeping/remove/", purging.purge_start, name="purge_start"),
]
