"""What stands against merging patients, and against deciding on two of them, in words."""

from django.utils.translation import gettext_lazy as _

from clinics.errors import RuleBroken


class NotWithItself(RuleBroken):
    message = _("A patient cannot be merged with themselves.")


class PatientWasMerged(RuleBroken):
    message = _("One of the two was merged already, by somebody else.")


class MergeIsOld(RuleBroken):
    message = _("A merge can be undone within 14 days, which are over.")


class MergedFurther(RuleBroken):
    message = _("This patient was merged further since. Undo that merge first.")


class PairIsDecided(RuleBroken):
    message = _("Somebody has decided on these two meanwhile.")
