"""What stands against merging two leads, undoing it, or deciding on them, in the reader's words."""

from django.utils.translation import gettext_lazy as _

from clinics.errors import RuleBroken


class NotWithItself(RuleBroken):
    message = _("A lead cannot be merged with itself.")


class LeadIsGone(RuleBroken):
    message = _("One of the two leads is no longer here. Load the page again.")


class LeadWasMerged(RuleBroken):
    """Raised when one of two leads was merged already; `who` is the name of whoever did it, or ""."""

    def __init__(self, who):
        by_somebody = _("%(who)s has merged one of these leads meanwhile. Load the page again.") % {"who": who}
        super().__init__(by_somebody if who else LeadIsGone.message)


class MergedFurther(RuleBroken):
    message = _("This lead was merged into another one since. Undo that merge first.")


class MergeIsOld(RuleBroken):
    message = _("A merge can be undone within 14 days, which are over.")


class PairIsDecided(RuleBroken):
    message = _("Somebody has decided on these two meanwhile.")
