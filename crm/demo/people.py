"""Who appears in the demo clinic: its staff, and the families that ask for treatment."""

import random
from dataclasses import dataclass, replace

from faker import Faker

from clinics.models import ClinicUser, Location, Role, User

DOMAIN = "downtown.example"
STAFF = [
    ("Olga", "Brandt", Role.CLINIC_ADMIN),
    ("Renata", "Vasquez", Role.TREATMENT_COORDINATOR),
    ("Dele", "Adeyemi", Role.TREATMENT_COORDINATOR),
    ("Hye-jin", "Park", Role.TREATMENT_COORDINATOR),
    ("Fred", "Osei", Role.FRONT_DESK),
    ("Amara", "Nwosu", Role.DOCTOR),
    ("Mark", "Delgado", Role.MARKETING),
    ("Vera", "Lindqvist", Role.VIEWER),
]
LOCATIONS = [("Downtown", "200 State Street"), ("Oak Park", "41 Lake Street")]
LOCALES = ["en_US"] * 6 + ["es_MX"] * 2 + ["pl_PL", "vi_VN", "fr_FR", "tr_TR"]
SHARED_SURNAME = 0.85
SECOND_CHILD = 0.08
AREA_CODES = [312, 708, 773, 847]


@dataclass(frozen=True)
class Family:
    """One adult who asks, and the person who would be treated: a child more often than not."""

    first_name: str
    last_name: str
    email: str
    phone: str
    city: str
    patient_first_name: str
    patient_last_name: str
    relationship: str


def hire_staff(clinic, *, password):
    """Give the clinic its locations and one person of each role, three of them coordinators; returns them by name."""
    locations = [
        Location.objects.get_or_create(name=name, defaults={"address": address})[0] for name, address in LOCATIONS
    ]
    members = {}
    for number, (first_name, last_name, role) in enumerate(STAFF):
        email = f"{first_name.lower().replace('-', '')}@{DOMAIN}"
        user = User.objects.filter(email=email).first() or User.objects.create_user(
            email, password, first_name=first_name, last_name=last_name
        )
        members[first_name], _created = ClinicUser.objects.get_or_create(
            user=user, defaults={"role": role, "location": locations[number % 2], "capacity": 80}
        )
    return members, locations


def families(count, *, seed):
    """Return `count` inquiries of families from many countries; now and then a parent asks for a second child.

    Phone numbers are of the range that is reserved for fiction (555-0100 to 555-0199), one a family.
    """
    dice = random.Random(seed)  # noqa: S311 - scenery, not a secret
    fakers = {locale: Faker(locale) for locale in set(LOCALES)}
    for faker in fakers.values():
        faker.seed_instance(seed)
    asked = []
    for number in range(count):
        faker = fakers[dice.choice(LOCALES)]
        if asked and asked[-1].patient_first_name and dice.random() < SECOND_CHILD:
            asked.append(replace(asked[-1], patient_first_name=faker.first_name()))
            continue
        first, last = faker.first_name(), faker.last_name()
        for_child = dice.random() < 0.62
        asked.append(
            Family(
                first_name=first,
                last_name=last,
                email=f"{fakers['en_US'].user_name()}{number}@example.com" if dice.random() < 0.88 else "",
                phone=f"+1{AREA_CODES[number // 100 % len(AREA_CODES)]}555{100 + number % 100:04d}",
                city=dice.choice(["Chicago", "Oak Park", "Evanston", "Cicero", "Berwyn"]),
                patient_first_name=faker.first_name() if for_child else "",
                patient_last_name=(last if dice.random() < SHARED_SURNAME else faker.last_name()) if for_child else "",
                relationship="CHILD" if for_child else "SELF",
            )
        )
    return asked
