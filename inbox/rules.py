"""Rules of the inbox that stand against a change, each in the reader's words."""

from django.utils.translation import gettext_lazy as _

from clinics.errors import RuleBroken


class NobodyToWriteTo(RuleBroken):
    message = _("There is no address to write to on this channel.")


class NoAccount(RuleBroken):
    message = _("No account of the clinic sends on this channel. A clinic admin can connect one.")


class ConversationOfAnother(RuleBroken):
    message = _("This person already has a conversation of their own. Merge the two instead.")


class NothingToSay(RuleBroken):
    message = _("There is nothing in this message yet.")


class AlreadyGone(RuleBroken):
    message = _("It is too late to take this back: the message is on its way.")


class NotToBeSentAgain(RuleBroken):
    message = _("This message went, or may have gone. Write a new one instead.")


class ReasonMissing(RuleBroken):
    message = _("Say why.")


class NotInDoubt(RuleBroken):
    message = _("What became of this message is known by now.")


class NotWithItself(RuleBroken):
    message = _("This is one conversation already.")


class TwoPeople(RuleBroken):
    message = _("These conversations are held with two people. Merge the people first, if they are one.")


class NotMergedHere(RuleBroken):
    message = _("This conversation was not merged into another.")


class NotARefusal(RuleBroken):
    message = _("This address was stopped for another reason.")


class MayNotAnswer(RuleBroken):
    message = _("This member of staff may not answer conversations.")


class NotInThePast(RuleBroken):
    message = _("Choose a moment that is still to come.")


class ChangedMeanwhile(RuleBroken):
    message = _("Somebody has changed this conversation since. Look at it before you change it again.")


class NotYourNote(RuleBroken):
    message = _("Only whoever wrote a note can take it away.")


class NothingWritten(RuleBroken):
    message = _("There are no words in this note yet.")


class NothingToPart(RuleBroken):
    message = _("Nothing was said over this address, or everything: there is nothing to part.")


class DraftGoneOn(RuleBroken):
    """Holds the draft that is newer, as `draft`."""

    message = _("You have gone on writing this answer in another tab. What stands there is newer.")

    def __init__(self, draft):
        super().__init__()
        self.draft = draft


class StarsMissing(RuleBroken):
    message = _("Choose from 1 to 5 stars.")


class AnswerIsFinal(RuleBroken):
    message = _("This can no longer be changed. Thank you for what you said.")


class NotYourReply(RuleBroken):
    message = _("This saved reply is everybody's. A clinic admin can change it.")


class ShortcutTaken(RuleBroken):
    message = _("There is a saved reply with this shortcut already.")


class FieldsUnknown(RuleBroken):
    message = _("The text names something that is not known of this person.")


class MessageIsGoing(RuleBroken):
    message = _("A message to this person is going out at this very moment. Try again in a minute.")


class NoPhoneOfYourOwn(RuleBroken):
    message = _("Write your mobile phone into your profile: it is rung first.")
