import time

from django.core.management.base import BaseCommand

from clinics.models import Clinic, User
from clinics.onboarding import open_clinic
from crm.demo.volume import Volume, busy_lead, clinic_named, fill_clinic, fill_patients, without_foreign_keys
from crm.presets import load_preset


class Command(BaseCommand):
    help = "Draw a clinic of a given size among its neighbours, the same on every machine, to measure on."

    def add_arguments(self, parser):
        parser.add_argument("--leads", type=int, default=100_000)
        parser.add_argument("--patients", type=int, default=0)
        parser.add_argument("--neighbours", type=int, default=50)

    def handle(self, *args, leads, patients, neighbours, **options):
        volume = Volume(leads=leads, patients=patients, neighbours=neighbours)
        name = f"Measured {leads}"
        if clinic_named(name):
            self.stdout.write(f"{name} is there already.")
            return
        started = time.monotonic()
        with without_foreign_keys():
            for number in range(volume.neighbours):
                if not clinic_named(f"Neighbour {number}"):
                    fill_clinic(self._open(f"Neighbour {number}"), volume.leads_of_a_neighbour)
            clinic = fill_clinic(self._open(name), volume.leads)
            fill_patients(clinic, volume.patients)
            busy_lead(clinic)
        self.stdout.write(f"{name}: {leads} leads in {time.monotonic() - started:.0f} s.")

    def _open(self, name):
        owner, _created = User.objects.get_or_create(email=f"{name.lower().replace(' ', '.')}@benchmark.example")
        clinic = open_clinic(name=name, preset=Clinic.Preset.ORTHODONTICS, owner=owner, email=owner.email)
        load_preset(clinic)
        return clinic
