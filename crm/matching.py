"""Who may be here already: people who share an exact phone number or e-mail, and names that begin alike."""

from dataclasses import dataclass, field
from uuid import UUID

from clinics.normalising import email_norm, name_key, phone_e164
from crm.models import Lead

AT_MOST = 5
SHORTEST_NAME = 3


@dataclass(frozen=True)
class Match:
    """One lead that may be the same person, or of the same family; `by` is phone, email or name."""

    lead: Lead
    by: str


@dataclass
class Matches:
    """What was found; `phone_unreadable` says that the number cannot be dialled as it is written."""

    people: list = field(default_factory=list)
    phone_unreadable: bool = False
    must_ask: bool = False

    @property
    def shared(self):
        """Those with the very same number or e-mail: they are warned about before a lead is saved."""
        return [match for match in self.people if match.by != "name"]

    def are_known_to(self, seen):
        """Whether everybody who shares a number or e-mail was shown already (`seen`: ids of leads, as text)."""
        return {str(match.lead.pk) for match in self.shared} <= set(seen)

    def ask(self):
        """Say that the lead was not saved yet."""
        self.must_ask = True


def find_matches(clinic, typed):
    """Look for people by what was typed so far (phone, email, first_name, last_name); returns Matches."""
    phone, email = (typed.get("phone") or "").strip(), (typed.get("email") or "").strip()
    number = phone_e164(phone, region=clinic.phone_region) if phone else ""
    probe = Lead(phone_e164=number, email_norm=email_norm(email))
    people = []
    if number or email:
        for lead in Lead.objects.present().sharing_contact_with(probe).for_cards()[:AT_MOST]:
            same_number = number and number in (lead.phone_e164, lead.phone_alt_e164)
            people.append(Match(lead, "phone" if same_number else "email"))
    name = name_key(typed.get("first_name") or "", typed.get("last_name") or "")
    if len(name) >= SHORTEST_NAME and len(people) < AT_MOST:
        known = [match.lead.pk for match in people]
        alike = Lead.objects.present().named_like(name).exclude(pk__in=known).for_cards()
        people += [Match(lead, "name") for lead in alike[: AT_MOST - len(people)]]
    return Matches(people, phone_unreadable=bool(phone) and len(phone) > 6 and not number)


def person_beside(text):
    """The lead whose id was given in an address, or None: an id that is none, or another clinic's, finds nobody."""
    try:
        return Lead.objects.present().filter(pk=UUID(text)).first()
    except (ValueError, TypeError):
        return None
