"""What can go wrong with a server that is not ours. Every text is for clinic admins, in their words."""

from django.utils.translation import gettext_lazy as _

from clinics.errors import RuleBroken


class EmrError(RuleBroken):
    """The EMR said no, said nothing, or may not be asked. `advice` says what to do about it."""

    message = _("The EMR could not be reached.")
    advice = ""
    may_pass = False  # whether it may go well in a while without anybody doing something

    def __init__(self, text="", *, detail=""):
        super().__init__(text or self.message)
        self.detail = detail[:300]

    def __str__(self):
        text = super().__str__()
        return f"{text} ({self.detail})" if self.detail else text


class AddressRefused(EmrError):
    """An address that we do not call, whoever asks for it."""

    message = _("This address is not one of an EMR that may be called from here.")
    advice = _("Check the address. If it is right, ask whoever runs Recare to allow this host.")


class NameUnknown(EmrError):
    message = _("There is no server of this name.")
    advice = _("Check the address for a typing error. If it is right, the EMR’s name service may be down.")
    may_pass = True


class Unreachable(EmrError):
    message = _("The server does not answer at this address.")
    advice = _("It may be down, or its firewall lets nobody in from here. Ask the people of your EMR.")
    may_pass = True


class TooSlow(EmrError):
    """No answer in time: whether a change was made there is not known."""

    message = _("The server took too long to answer.")
    advice = _("Try again in a few minutes.")
    may_pass = True


class CertificateRefused(EmrError):
    message = _("The server could not prove who it is: its certificate does not fit its name, or has run out.")
    advice = _("Check the address. The people of your EMR have to renew the certificate.")


class Moved(EmrError):
    message = _("The server sends us on to another address. Only the address that you put in is called.")
    advice = _("Put in the new address if it is right.")


class LoginRefused(EmrError):
    message = _("The EMR does not accept our login.")
    advice = _(
        "Check the client ID, and that the EMR knows the address of our public keys. Some EMRs need hours to fetch "
        "a new key."
    )


class ScopeRefused(EmrError):
    message = _("The EMR does not grant the rights that were asked for.")
    advice = _("Ask for fewer scopes here, or let the people of your EMR grant them to this app.")


class NotFhir(EmrError):
    message = _("There is no FHIR server at this address: it tells nothing about itself.")
    advice = _("The address usually ends in /R4 or /fhir/r4. Copy it from the documentation of your EMR.")


class NotR4(EmrError):
    message = _("This server speaks another version of FHIR. Recare speaks R4.")
    advice = _("Look for the R4 address of your EMR; it often stands beside the one for DSTU2 or STU3.")


class NotThere(EmrError):
    message = _("The EMR does not know it.")


class Gone(NotThere):
    message = _("It was deleted in the EMR.")


class NotSupported(EmrError):
    message = _("The EMR cannot do this.")


class Busy(EmrError):
    """Too many requests; `after` is how many seconds the server asks us to wait."""

    message = _("The EMR asks us to wait: too many requests.")
    may_pass = True
    after = 60


class Away(EmrError):
    message = _("The EMR has a problem of its own at the moment.")
    may_pass = True


class Unreadable(EmrError):
    message = _("The EMR answered something that cannot be read.")
    may_pass = True


class TooLarge(EmrError):
    message = _("The EMR answered more than we take at once.")


class ChangedThere(EmrError):
    """The record there is no longer the version that the change was made for (409, 412)."""

    message = _("It was changed in the EMR meanwhile.")


class Declined(EmrError):
    """The EMR understood and will not do it; `detail` holds its reason."""

    message = _("The EMR does not accept this.")
