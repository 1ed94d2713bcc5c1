from clinics.models.api_token import ApiToken, KeptAnswer
from clinics.models.audit import AuditLog, Reaction
from clinics.models.base import ClinicForeignKey, ClinicModel, ClinicOneToOneField, ScopedManager
from clinics.models.clinic import Clinic, Location
from clinics.models.job import BackgroundJob
from clinics.models.notification import StaffNotification
from clinics.models.personal_key import PersonalKey
from clinics.models.saved_view import ListLayout, SavedView, ViewTab
from clinics.models.staff import ClinicUser, Invitation, Role, User
from clinics.models.tag import Tag
from clinics.models.webhook import WebhookConnection, WebhookLog, WebhookSecret

__all__ = [
    "ApiToken",
    "AuditLog",
    "BackgroundJob",
    "Clinic",
    "ClinicForeignKey",
    "ClinicModel",
    "ClinicOneToOneField",
    "ClinicUser",
    "Invitation",
    "KeptAnswer",
    "ListLayout",
    "Location",
    "PersonalKey",
    "Reaction",
    "Role",
    "SavedView",
    "ScopedManager",
    "StaffNotification",
    "Tag",
    "User",
    "ViewTab",
    "WebhookConnection",
    "WebhookLog",
    "WebhookSecret",
]
