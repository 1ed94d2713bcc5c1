"""Instagram as Meta tells of it."""

from django.utils.translation import gettext_lazy

from inbox.channels.meta_hook import MetaMessages


class InstagramMessages(MetaMessages):
    label = "Instagram"
    description = gettext_lazy("Direct messages, and stories that mention you, stand in the inbox.")
    object = "instagram"
    steps = (
        gettext_lazy("Connect your professional Instagram account to your Facebook page."),
        gettext_lazy("In Meta for Developers, open your app, Instagram, and its webhook settings."),
        gettext_lazy("Paste the address as callback URL and the verify token, then verify and save."),
        gettext_lazy("Subscribe to messages and messaging_seen, then write to the account once."),
    )
