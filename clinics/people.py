"""What people change about themselves."""

from django.db import transaction

from clinics.audit import record
from clinics.models import User


@transaction.atomic
def change_person(user, *, by, first_name, last_name, language):
    """Change one's own name and language, in all clinics. Records "clinics.member.renamed" in the one at hand."""
    user = User.objects.select_for_update().get(pk=user.pk)
    after = {"first_name": first_name, "last_name": last_name, "language": language}
    before = {name: getattr(user, name) for name in after}
    for name, value in after.items():
        setattr(user, name, value)
    user.save(update_fields=list(after))
    if before != after:
        record("clinics.member.renamed", by, by=by, before=before, after=after)
    return user


def change_language(user, language):
    """Choose the language that the house speaks to this person."""
    user.language = language
    user.save(update_fields=["language"])
    return user


@transaction.atomic
def change_notifications(member, *, phone=None, **wishes):
    """Choose when notices and reminders are copied by e-mail or text, what the browser shows, and whether a digest
    comes; `phone` is E.164, None as it was.

    Records "clinics.member.notifications_changed".
    """
    before = member.notification_preferences | {"phone": member.phone_e164}
    after = before | wishes | ({} if phone is None else {"phone": phone})
    if before != after:
        member.phone_e164 = after["phone"]
        member.notification_preferences = {name: value for name, value in after.items() if name != "phone"}
        member.save(update_fields=["phone_e164", "notification_preferences", "updated_at"])
        record("clinics.member.notifications_changed", member, by=member, before=before, after=after)
    return member
