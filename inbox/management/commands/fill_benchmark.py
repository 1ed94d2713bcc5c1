import time

from django.core.management.base import BaseCommand

from clinics.models import Clinic, User
from clinics.onboarding import open_clinic
from clinics.tenancy import clinic_scope
from crm.demo.bare_tables import bare_tables, without_foreign_keys
from crm.demo.volume import Volume, busy_lead, clinic_named, fill_clinic
from crm.presets import load_preset
from inbox.demo.volume import fill_inbox
from inbox.models import UnifiedMessage

OF_A_NEIGHBOUR = 800, 40  # messages and conversations of each clinic around the one that is measured


class Command(BaseCommand):
    help = "Draw a clinic of a given size among its neighbours, the same on every machine, to measure on."

    def add_arguments(self, parser):
        parser.add_argument("--leads", type=int, default=100_000)
        parser.add_argument("--patients", type=int, default=0)
        parser.add_argument("--neighbours", type=int, default=50)
        parser.add_argument(
            "--messages", type=int, default=0, help="of the inbox; also of a clinic that is there already"
        )
        parser.add_argument("--conversations", type=int, default=0, help="that hold them; one for twenty, if not said")

    def handle(self, *args, leads, patients, neighbours, messages, conversations, **options):
        volume = Volume(leads=leads, patients=patients, neighbours=neighbours)
        name = f"Measured {leads}"
        clinic = clinic_named(name)
        is_new, has_inbox = clinic is None, bool(clinic and self._messages_of(clinic)) or not messages
        if not is_new and has_inbox:
            self.stdout.write(f"{name} is there already.")
            return
        started = time.monotonic()
        if is_new:
            with bare_tables():
                clinic = self._draw_people(name, volume)
        if not has_inbox:
            with without_foreign_keys():
                self._draw_inboxes(clinic, volume, messages, conversations or max(1, messages // 20))
        self.stdout.write(f"{name}: {leads} leads, {messages} messages in {time.monotonic() - started:.0f} s.")

    def _draw_people(self, name, volume):
        for number in range(volume.neighbours):
            if not clinic_named(f"Neighbour {number}"):
                fill_clinic(self._open(f"Neighbour {number}"), volume.leads_of_a_neighbour)
        clinic = fill_clinic(self._open(name), volume.leads, volume.patients)
        busy_lead(clinic)
        return clinic

    def _draw_inboxes(self, clinic, volume, messages, conversations):
        for number in range(volume.neighbours):
            neighbour = clinic_named(f"Neighbour {number}")
            if neighbour and not self._messages_of(neighbour):
                fill_inbox(neighbour, *OF_A_NEIGHBOUR)
        fill_inbox(clinic, messages, conversations)

    def _messages_of(self, clinic):
        with clinic_scope(clinic):
            return UnifiedMessage.objects.exists()

    def _open(self, name):
        owner, _created = User.objects.get_or_create(email=f"{name.lower().replace(' ', '.')}@benchmark.example")
        clinic = open_clinic(name=name, preset=Clinic.Preset.ORTHODONTICS, owner=owner, email=owner.email)
        load_preset(clinic)
        return clinic
