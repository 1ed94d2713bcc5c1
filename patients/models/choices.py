from django.db import models
from django.utils.translation import gettext_lazy as _


class ProviderRole(models.TextChoices):
    """What somebody is who treats: commission rules ask for it."""

    DOCTOR = "DOCTOR", _("Doctor")
    SURGEON = "SURGEON", _("Surgeon")
    NURSE = "NURSE", _("Nurse")
    HYGIENIST = "HYGIENIST", _("Hygienist")
    THERAPIST = "THERAPIST", _("Therapist")
    CONSULTANT = "CONSULTANT", _("Consultant")
    OTHER = "OTHER", _("Other")


class Segment(models.TextChoices):
    NEW = "NEW", _("New")
    ACTIVE = "ACTIVE", _("Active")
    AT_RISK = "AT_RISK", _("At risk")
    DORMANT = "DORMANT", _("Dormant")


class ContactPriority(models.TextChoices):
    RED = "RED", _("Contact first")
    YELLOW = "YELLOW", _("Contact soon")
    GREEN = "GREEN", _("No hurry")


class RiskLevel(models.TextChoices):
    LOW = "LOW", _("Low")
    MEDIUM = "MEDIUM", _("Medium")
    HIGH = "HIGH", _("High")


class EmrSystem(models.TextChoices):
    EPIC = "EPIC", "Epic"
    CERNER = "CERNER", "Cerner"
    ATHENA = "ATHENA", "athenahealth"


class Channel(models.TextChoices):
    SMS = "SMS", _("Text message")
    WHATSAPP = "WHATSAPP", "WhatsApp"
    EMAIL = "EMAIL", _("E-mail")
    FACEBOOK_MESSENGER = "FACEBOOK_MESSENGER", "Messenger"
    INSTAGRAM_DM = "INSTAGRAM_DM", "Instagram"
    VOICE = "VOICE", _("Phone call")


class AppointmentStatus(models.TextChoices):
    SCHEDULED = "SCHEDULED", _("Scheduled")
    CONFIRMED = "CONFIRMED", _("Confirmed")
    COMPLETED = "COMPLETED", _("Completed")
    CANCELLED = "CANCELLED", _("Cancelled")
    NO_SHOW = "NO_SHOW", _("Missed")
    RESCHEDULED = "RESCHEDULED", _("Rescheduled")


class CancellationReason(models.TextChoices):
    PATIENT = "PATIENT", _("Patient cannot come")
    ILLNESS = "ILLNESS", _("Illness")
    COST = "COST", _("Cost or insurance")
    ELSEWHERE = "ELSEWHERE", _("Went elsewhere")
    PROVIDER = "PROVIDER", _("We had to cancel")
    MISTAKE = "MISTAKE", _("Booked by mistake")
    DECLINED = "DECLINED", _("Request declined")
    OTHER = "OTHER", _("Other")


class VisitSource(models.TextChoices):
    EMR = "EMR", _("EMR")
    MANUAL = "MANUAL", _("Entered here")


class PaymentKind(models.TextChoices):
    PAYMENT = "PAYMENT", _("Payment")
    REFUND = "REFUND", _("Refund")


class PaymentMethod(models.TextChoices):
    CARD = "CARD", _("Card")
    CASH = "CASH", _("Cash")
    CHECK = "CHECK", _("Check")
    TRANSFER = "TRANSFER", _("Bank transfer")
    INSURANCE = "INSURANCE", _("Insurance")
    FINANCING = "FINANCING", _("Financing")
    OTHER = "OTHER", _("Other")


class RecallOutcome(models.TextChoices):
    """What came of asking somebody to come again."""

    REACHED = "REACHED", _("spoke with them")
    LEFT_MESSAGE = "LEFT_MESSAGE", _("left a message")
    NO_ANSWER = "NO_ANSWER", _("no answer")
    DECLINED = "DECLINED", _("does not want to come")
    WRONG_NUMBER = "WRONG_NUMBER", _("wrong number")


class Color(models.TextChoices):
    """Tints of the house, by the number of their token; none of them is red, yellow or green, which mean something."""

    SAND = "1", _("Sand")
    BLUE = "2", _("Blue")
    AQUA = "3", _("Aqua")
    PINK = "4", _("Pink")
    VIOLET = "5", _("Violet")
    GREY = "6", _("Grey")
