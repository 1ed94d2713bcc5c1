"""The rules of patients and the schedule, each an error that says in the reader's words what stands against it."""

from django.utils.translation import gettext_lazy as _

from clinics.errors import RuleBroken


class NobodyNamed(RuleBroken):
    message = _("Give a name, or at least a phone number or e-mail address.")


class KnownInTheEmr(RuleBroken):
    """Raised when the external id belongs to somebody already; `current` is that patient."""

    def __init__(self, current):
        self.current = current
        super().__init__(_("This id belongs to a patient who is here already."))


class BornInTheFuture(RuleBroken):
    message = _("A birth date cannot be in the future.")


class PaysForSelf(RuleBroken):
    message = _("Leave “who pays” empty when patients pay for themselves.")


class PatientIsGone(RuleBroken):
    message = _("This patient was deleted. Bring them back first.")


class PatientIsErased(RuleBroken):
    message = _("This patient was erased. That cannot be taken back.")


class PatientIsBooked(RuleBroken):
    message = _("This patient has appointments ahead. Cancel or move them first.")


class NameNotTyped(RuleBroken):
    message = _("Type the patient’s name exactly as it is shown.")


class SomebodyWasFaster(RuleBroken):
    """Raised when a row has changed since it was opened; `current` is the row as it stands now."""

    def __init__(self, current):
        self.current = current
        super().__init__(_("Somebody has changed this meanwhile. Both versions are shown."))


class NobodyBooked(RuleBroken):
    message = _("Say who comes: a patient, or a name and a phone number.")


class TimeTaken(RuleBroken):
    """Raised when the provider or the room has another appointment at that time; `field` is which of the two."""

    WORDS = {
        "provider": _("%(name)s has another appointment at that time."),
        "room": _("%(name)s is in use at that time."),
    }

    def __init__(self, field, name):
        self.field = field
        super().__init__(self.WORDS[field] % {"name": name})


class EndsBeforeItBegins(RuleBroken):
    message = _("An appointment lasts from 5 minutes to 10 hours.")


class BlockEndsBeforeItBegins(RuleBroken):
    message = _("A blocked time ends after it begins, within a year.")


class RoomIsBlockedForAll(RuleBroken):
    message = _("A room is blocked for everybody: leave the provider empty.")


class NotAtWork(RuleBroken):
    """Raised when somebody does not work at that time, or the time is blocked; booking anyway is possible."""


class NoRoomFree(NotAtWork):
    """Raised when every room of the kind that is needed is in use; booking without one is possible."""

    def __init__(self, kind):
        super().__init__(_("Nothing is free then of what it needs: %(kind)s.") % {"kind": kind})


class NotTheirWork(NotAtWork):
    """Raised when a provider does other types of appointments only; booking anyway is possible."""

    def __init__(self, provider, kind):
        super().__init__(_("%(who)s does not do this: %(kind)s.") % {"who": provider, "kind": kind})


class TimeIsPast(RuleBroken):
    message = _("That time is over. Book it anyway if it only has to be written down.")


class ProviderHasLeft(RuleBroken):
    message = _("This provider or room is not booked any more.")


class RoomElsewhere(RuleBroken):
    message = _("This room is at another location.")


class AppointmentIsClosed(RuleBroken):
    message = _("This appointment is over or was cancelled. Book a new one.")


class NotOfferedOnline(RuleBroken):
    message = _("This time cannot be booked online.")


class TooLateOnline(RuleBroken):
    message = _("It is too near to change it here. Please call us.")


class TooEarly(RuleBroken):
    message = _("This appointment has not begun yet.")


class NoRequest(RuleBroken):
    message = _("Nobody waits for a word about this appointment any more.")


class ReasonMissing(RuleBroken):
    message = _("Say why the appointment is cancelled.")


class NothingToUndo(RuleBroken):
    message = _("Something else has happened since. This cannot be undone any more.")


class UndoTooLate(RuleBroken):
    message = _("This could be undone within 15 minutes, which are over.")


class NothingPaid(RuleBroken):
    message = _("The amount must be more than nothing.")


class FileIsAtWork(RuleBroken):
    message = _("This file is being worked on. Wait until that has ended.")


class FileIsOver(RuleBroken):
    message = _("This cannot be done with the file at this step.")


class MappingIncomplete(RuleBroken):
    """Raised with what a mapping still needs."""


class NotAPayment(RuleBroken):
    message = _("Only a payment can be given back, not a refund.")


class MoreThanPaid(RuleBroken):
    message = _("No more can be given back than was paid.")


class TimeIsGone(RuleBroken):
    message = _("This time is not free any more.")


class NoLongerWaiting(RuleBroken):
    message = _("Somebody has booked or left the list meanwhile.")


class OfferIsOver(RuleBroken):
    message = _("The time to answer has passed.")


class NobodyDue(RuleBroken):
    message = _("Nobody of them is due any more: somebody has asked them, or they have booked.")
