"""What stands in the addresses of inquiries, and of the forms and files that bring them."""

from django.utils import timezone

from clinics.public_tokens import new_token
from crm.models import LeadForm, LeadImport, LeadSubmission
from crm.tests.factories import LeadFormFactory
from patients.models import Appointment, WaitlistOffer
from tests.isolation.own_rows import token_of

ROWS = {
    "crm:form_close": LeadForm,
    "crm:form_edit": LeadForm,
    "crm:form_open": LeadForm,
    "crm:import_check": LeadImport,
    "crm:import_delete": LeadImport,
    "crm:import_detail": LeadImport,
    "crm:import_mapping": LeadImport,
    "crm:import_read_again": LeadImport,
    "crm:import_row_correct": LeadImport,
    "crm:import_rows": LeadImport,
    "crm:import_rows_csv": LeadImport,
    "crm:import_run": LeadImport,
    "crm:import_undo": LeadImport,
    "crm:inquiry_detail": LeadSubmission,
    "crm:inquiry_ignore": LeadSubmission,
    "crm:inquiry_replay": LeadSubmission,
    "crm:inquiry_restore": LeadSubmission,
    "crm:lead_called_again_undo": LeadSubmission,
    "crm:walk_in_start": LeadForm,
}


def booking_form(world):
    """This world's page for booking online."""
    known = LeadForm.objects.filter(use=LeadForm.Use.BOOKING).first()
    return known or LeadFormFactory(name=f"{world.word} books", use=LeadForm.Use.BOOKING)


def visitor(world, member):
    """What stands in the address of a visitor's own appointment, as the clinic next door may know it too."""
    Appointment.objects.filter(pk=world[Appointment].pk, visitor_token="").update(
        visitor_token=new_token(world.clinic.pk), requested_at=timezone.now()
    )
    return Appointment.objects.get(pk=world[Appointment].pk).visitor_token


def asked(world, member):
    """What stands in the address at which somebody who waits is asked, as the clinic next door may know it too."""
    WaitlistOffer.objects.filter(pk=world[WaitlistOffer].pk, token="").update(token=new_token(world.clinic.pk))
    return WaitlistOffer.objects.get(pk=world[WaitlistOffer].pk).token


TOKENS = {
    "clinics:invitation_accept": token_of,
    **dict.fromkeys(
        ["crm:booking_cancel", "crm:booking_file", "crm:booking_move", "crm:booking_visit"],
        visitor,
    ),
    **dict.fromkeys(
        ["crm:booking_start", "crm:booking_times"],
        lambda world, member: booking_form(world).token,
    ),
    "crm:offer_visit": asked,
    "crm:public_form": lambda world, member: world[LeadForm].token,
    "crm:public_form_thanks": lambda world, member: world[LeadForm].token,
}
