"""Rules of the inbox that stand against a change, each in the reader's words."""

from django.utils.translation import gettext_lazy as _

from clinics.errors import RuleBroken


class NobodyToWriteTo(RuleBroken):
    message = _("There is no address to write to on this channel.")


class NoAccount(RuleBroken):
    message = _("No account of the clinic sends on this channel. A clinic admin can connect one.")


class ConversationOfAnother(RuleBroken):
    message = _("This person already has a conversation of their own. Merge the two instead.")
