"""What is asked of many patients at once."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from clinics.search_words import found_by, found_soon_by
from patients.birth_dates import birth_date_digests, read_birth_date
from patients.models.word import PatientWord


class PatientQuerySet(models.QuerySet):
    def names_of(self, ids):
        """{id as text: the name as it is shown} of some patients."""
        return {str(patient.pk): patient.display_name for patient in self.filter(pk__in=ids)}

    def present(self):
        """Patients who were neither deleted nor erased."""
        return self.filter(deleted_at=None)

    def in_segment(self, *segments):
        return self.filter(segment__in=segments)

    def drifted(self, due_segment):
        """Patients who stand in another segment than `due_segment` (an expression) says."""
        return self.annotate(due_segment=due_segment).exclude(segment=F("due_segment"))

    def at_location(self, *locations):
        return self.filter(location__in=locations)

    def with_provider(self, *providers):
        return self.filter(provider__in=providers)

    def tagged(self, *tags):
        """Patients who carry any of these tags."""
        links = self.model._meta.get_field("tag_links").related_model
        return self.filter(Exists(links.objects.filter(patient=OuterRef("pk"), tag__in=tags)))

    def agreeing(self, channel, purpose):
        """Patients who agreed to be reached on a channel for a purpose, and have not taken it back."""
        return self.filter(Exists(_word_about(self.model, channel, purpose).filter(is_given=True)))

    def refusing(self, channel, purpose):
        return self.filter(Exists(_word_about(self.model, channel, purpose).filter(is_given=False)))

    def not_asked(self, channel, purpose):
        """Patients who have said nothing about a channel and purpose."""
        return self.exclude(Exists(_word_about(self.model, channel, purpose)))

    def due_again(self, today):
        """Patients who should come again and are not booked, may be contacted, and were not just asked."""
        return self._to_recall(today).filter(Q(recall_rests_until=None) | Q(recall_rests_until__lte=today))

    def resting(self, today):
        """Those who would be due again, but were just asked."""
        return self._to_recall(today).filter(recall_rests_until__gt=today)

    def _to_recall(self, today):
        return self.present().filter(recall_due_on__lte=today, do_not_contact=False).not_booked_after(timezone.now())

    def found_by(self, text):
        """Patients with words (of names, e-mail, phone numbers, external id) that begin so, or with this birth date."""
        born_on = read_birth_date(text)
        return self.born_on(born_on) if born_on else found_by(self, PatientWord, text)

    def found_soon_by(self, text):
        """The same patients, for who wants to see a few of them at once."""
        born_on = read_birth_date(text)
        return self.born_on(born_on) if born_on else found_soon_by(self, PatientWord, text)

    def born_on(self, day):
        """Patients with this birth date, found by its digest: the date itself is sealed."""
        return self.filter(birth_digest__in=birth_date_digests(day))

    def reached_by(self, *, numbers=(), email=""):
        """Patients with one of these numbers (E.164) or this e-mail (case-folded): a family, as a rule."""
        numbers = [number for number in numbers if number]
        shared = Q(phone_e164__in=numbers) | Q(phone_alt_e164__in=numbers)
        if email:
            shared |= Q(email_norm=email)
        return self.filter(shared)

    def sharing_contact_with(self, patient):
        return self.reached_by(numbers=(patient.phone_e164, patient.phone_alt_e164), email=patient.email_norm).exclude(
            pk=patient.pk
        )

    def named_like(self, start):
        """Patients whose names begin with `start`, found along the index of names."""
        span = self.filter(name_key__gte=start, name_key__lt=f"{start}\uffff")
        return span.filter(name_key__startswith=start).order_by("name_key", "pk")

    def booked_between(self, start, end):
        """Patients whom an appointment that stands begins for between two moments; `end` None: from `start` on."""
        return self.filter(Exists(_standing_appointments(self.model).filter(starts_at__gte=start, **_until(end))))

    def not_booked_after(self, moment):
        return self.exclude(Exists(_standing_appointments(self.model).filter(starts_at__gte=moment)))

    def with_next_appointment(self):
        """Each with `next_appointment_at`, the start of the next appointment that stands; None without one."""
        coming = _standing_appointments(self.model).filter(starts_at__gte=timezone.now()).order_by("starts_at")
        return self.annotate(next_appointment_at=Subquery(coming.values("starts_at")[:1]))

    def for_list(self):
        """Everything that a row of the list shows of the patient, in one query."""
        return self.select_related("location", "provider")

    def for_page(self):
        return self.select_related(
            "location", "provider", "household", "responsible_party", "last_service", "updated_by__user"
        )


def _word_about(patient, channel, purpose):
    consents = patient._meta.get_field("consents").related_model
    return consents.objects.standing().filter(patient=OuterRef("pk"), channel=channel, purpose=purpose)


def _standing_appointments(patient):
    appointment = patient._meta.get_field("appointments").related_model
    return appointment.objects.standing().filter(patient=OuterRef("pk"))


def _until(end):
    return {} if end is None else {"starts_at__lt": end}
