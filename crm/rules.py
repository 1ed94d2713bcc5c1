"""The rules of the pipeline, each an error that says in the reader's words what stands against a change."""

from django.utils.translation import gettext_lazy as _

from clinics.errors import RuleBroken


class LeadIsLocked(RuleBroken):
    message = _("This lead has become a patient. Its history is kept as it is.")


class BackwardMove(RuleBroken):
    message = _("A lead never moves back. Mark it as lost, or undo the move that you regret.")


class LostReasonMissing(RuleBroken):
    message = _("Say why the lead was lost.")


class LeadIsLost(RuleBroken):
    message = _("This lead is lost. A clinic admin can reopen it.")


class LeadIsArchived(RuleBroken):
    message = _("This lead is archived. Take it out of the archive first.")


class LeadIsNotLost(RuleBroken):
    message = _("Only a lost lead can be reopened.")


class StageNotForReopening(RuleBroken):
    message = _("A lead is reopened into a stage that is on the way.")


class CoordinatorMissing(RuleBroken):
    message = _("Every active lead has a coordinator. Choose one.")


class NotACoordinator(RuleBroken):
    message = _("Leads belong to treatment coordinators and clinic admins of this clinic.")


class NothingToUndo(RuleBroken):
    message = _("Something else has happened to this lead since. This cannot be undone any more.")


class UndoTooLate(RuleBroken):
    message = _("This could be undone within 15 minutes, which are over.")


class NotToBeUndone(RuleBroken):
    message = _("This was not written by hand. It is part of the history and stays.")


class NoWayToReach(RuleBroken):
    message = _("Give a name, a phone number or an e-mail address.")


class FieldRefused(RuleBroken):
    """Raised when the clinic's lead privacy forbids a field; `field` is its name on the lead."""

    def __init__(self, field, label):
        self.field = field
        super().__init__(_("This clinic does not keep this on leads: %(field)s.") % {"field": label})


class SomebodyWasFaster(RuleBroken):
    """Raised when a lead has changed since the form was opened; `current` is the lead as it stands now."""

    def __init__(self, current):
        self.current = current
        super().__init__(_("Somebody has changed this lead meanwhile. Both versions are shown."))


class ValueNotPositive(RuleBroken):
    message = _("The expected value must be more than nothing.")


class DateInThePast(RuleBroken):
    message = _("The expected date cannot be in the past.")
