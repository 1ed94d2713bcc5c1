"""How many open leads each member of staff has: fills the column of that name in the staff list."""

from django.views.decorators.http import require_GET

from clinics.access import staff_page
from clinics.models import ClinicUser
from clinics.pages import page
from crm.models import Lead


@require_GET
@staff_page("staff:manage")
def workload(request):
    counts = Lead.objects.open().count_by_member()
    workloads = [(member, counts.get(member.pk, 0)) for member in ClinicUser.objects.for_list()]
    return page(request, "crm/workload.html", {"workloads": workloads})
