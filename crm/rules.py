"""The rules of the pipeline, each an error that says in the reader's words what stands against a change."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from clinics.errors import RuleBroken

UNDO_WITHIN = timedelta(minutes=15)


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


class LeadIsGone(RuleBroken):
    message = _("This lead was deleted meanwhile.")


class LeadIsNotLost(RuleBroken):
    message = _("Only a lost lead can be reopened.")


class StageNotForReopening(RuleBroken):
    message = _("A lead is reopened into a stage that is on the way.")


class CoordinatorMissing(RuleBroken):
    message = _("Every active lead has a coordinator. Choose one.")


class NotACoordinator(RuleBroken):
    message = _("Leads belong to treatment coordinators and clinic admins of this clinic.")


class HandedToThemselves(RuleBroken):
    message = _("They have these already. Choose somebody else, or let the rules decide.")


class SettledAlready(RuleBroken):
    message = _("This was settled meanwhile, or cannot be settled by moving the card.")


class ReasonToKeepMissing(RuleBroken):
    message = _("Say why the card may stay as it is.")


class NothingToUndo(RuleBroken):
    message = _("Something else has happened to this lead since. This cannot be undone any more.")


class UndoTooLate(RuleBroken):
    message = _("This could be undone within 15 minutes, which are over.")


class OutcomeMissing(RuleBroken):
    message = _("Say what came of the call.")


class TaskIsClosed(RuleBroken):
    message = _("This task is closed. Open it again, or set a new one.")


class DueInThePast(RuleBroken):
    message = _("That moment has passed. Choose a later one.")


class NotYoursToCorrect(RuleBroken):
    message = _("Only who wrote this, or a clinic admin, may correct it.")


class NotToBeUndone(RuleBroken):
    message = _("This was not written by hand. It is part of the history and stays.")


class NobodyToConvert(RuleBroken):
    message = _("Say who becomes a patient.")


class SamePersonTwice(RuleBroken):
    message = _("The same person stands here twice.")


class NoStageToConvertInto(RuleBroken):
    message = _("This clinic has no won stage. A clinic admin adds one under Stages.")


class HasPatients(RuleBroken):
    message = _("This lead has become patients. A clinic admin undoes that on the lead’s page, within a day.")


class ConversionTooOld(RuleBroken):
    message = _("A conversion can be undone within a day, which is over.")


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


class NoAddress(RuleBroken):
    message = _("It gives neither a phone number nor an e-mail address.")


class PhoneUnreadable(RuleBroken):
    """Raised when the only address is a number that nobody can dial."""

    def __init__(self, phone):
        super().__init__(
            _("“%(phone)s” cannot be dialed. Correct the number and send it through again.") % {"phone": phone}
        )


class EmailUnreadable(RuleBroken):
    """Raised when the only address is an e-mail address that no mail can be sent to."""

    def __init__(self, email):
        super().__init__(
            _("“%(email)s” is no e-mail address. Correct it and send it through again.") % {"email": email}
        )


class SourceUnknown(RuleBroken):
    """Raised when an inquiry names a source that the clinic does not have."""

    def __init__(self, source):
        words = _("It names the source “%(source)s”, which this clinic does not have. Choose one, or add it first.")
        super().__init__(words % {"source": source})


class InquiryUnclear(RuleBroken):
    message = _("Nobody can tell what this says. Look at it as it came, and correct it.")


class NotAnInquiry(RuleBroken):
    """Raised by the reader of a channel for what is to be set aside: a test, an echo, a robot."""

    message = _("This is no inquiry.")


class AlreadyTakenIn(RuleBroken):
    message = _("This inquiry was taken in already.")


class NotSetAside(RuleBroken):
    message = _("This inquiry was not set aside.")


class NotInThatColumn(RuleBroken):
    message = _("That card stands in another column by now. Put this one in its place again.")


class StageInUse(RuleBroken):
    message = _("Leads stand in this stage. Move them on before it becomes one of another kind.")


class StageForNewLeads(RuleBroken):
    message = _("New leads need one stage, and it must be on the way. Choose another one for them first.")


class WonBeforeOpen(RuleBroken):
    message = _("What is won comes after all stages on the way: leads never move back.")


class NotEveryStage(RuleBroken):
    message = _("Name every stage of the pipeline, each of them once.")


class TooManyStages(RuleBroken):
    message = _("A pipeline has at most 40 stages.")


class FormNameTaken(RuleBroken):
    message = _("Another form has this name already.")


class QuestionUnfinished(RuleBroken):
    """Raised when a question of a clinic's own cannot be asked as it stands; told in `words`."""

    def __init__(self, words):
        super().__init__(words)


class FormWithoutAddress(RuleBroken):
    message = _("A form asks for a phone number or an e-mail address, or nobody could answer.")


class OriginUnreadable(RuleBroken):
    message = _("A site is written as https://www.your-clinic.com, one a line.")


class NothingSuggested(RuleBroken):
    message = _("Nothing is suggested for this lead any more.")


class LeadNameNotTyped(RuleBroken):
    message = _("Type the lead’s name exactly as it is shown.")


class LeadIsBooked(RuleBroken):
    message = _("This lead has a consultation ahead. Cancel it first, or somebody would wait for nobody.")


class ReportDidNotFail(RuleBroken):
    message = _("This report is not among those that failed any more.")


class CoordinatorIsHere(RuleBroken):
    message = _("Their coordinator is here today. Ask them, or somebody who may give leads away.")
