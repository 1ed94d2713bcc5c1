"""The rows of a file in words, for whoever looks at the trial."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format

from clinics.templatetags.ui import money
from crm.models import AdCampaign, FigureImport, KpiKind, LeadSource


def names_of(file):
    """A function from a row of the file to its cells in words: when, where from, campaign, amount, what."""
    sources = {str(pk): name for pk, name in LeadSource.objects.values_list("pk", "name")}
    campaigns = {str(pk): name for pk, name in AdCampaign.objects.values_list("pk", "name")}

    def words(row):
        if row["problem"]:
            return []
        place = [sources.get(row["source"], ""), campaigns.get(row["campaign"], "")]
        if file.kind == FigureImport.Kind.SPEND:
            month = date_format(date.fromisoformat(row["month"]), "YEAR_MONTH_FORMAT")
            was = f"{money(row['was'])} → " if row["state"] == "changed" else ""
            return [month, *place, f"{was}{money(row['cents'])}", row["note"]]
        moment = timezone.localtime(datetime.fromisoformat(row["occurred_at"]))
        kind = str(KpiKind(row["kind"]).label)
        return [date_format(moment, "SHORT_DATETIME_FORMAT"), *place, money(row["value"]), kind]

    return words
