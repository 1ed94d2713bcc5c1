"""Every picture of the reports by its key: a function from a Reading to a Picture, or to None where it has no place."""

from crm.figures.pictures import consultations, coordinators, funnel, late, lost, sources, times, trend

PICTURES = {
    "funnel": funnel.draw_funnel,
    "coordinators": coordinators.draw_rates,
    "workload": coordinators.draw_workload,
    "response": coordinators.draw_response,
    "sources": sources.draw_sources,
    "mix": sources.draw_mix,
    "attribution": sources.draw_attribution,
    "campaigns": sources.draw_campaigns,
    "lost": lost.draw_reasons,
    "lost-by-source": lost.draw_by_source,
    "lost-by-coordinator": lost.draw_by_coordinator,
    "lost-by-stage": lost.draw_by_stage,
    "stays": times.draw_stays,
    "time-to-convert": times.draw_time_to_convert,
    "velocity": times.draw_velocity,
    "trend": trend.draw_trend,
    "monthly-rate": trend.draw_monthly_rate,
    "money": trend.draw_money,
    "late": late.draw_late,
    "shows": consultations.draw_shows,
    "shows-by-coordinator": consultations.draw_shows_by_coordinator,
    "acceptance": consultations.draw_acceptance,
}
