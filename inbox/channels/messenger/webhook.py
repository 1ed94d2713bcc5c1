"""Messenger as Meta tells of it."""

from django.utils.translation import gettext_lazy

from inbox.channels.meta_hook import MetaMessages


class MessengerMessages(MetaMessages):
    label = "Messenger"
    description = gettext_lazy("What people write to your Facebook page stands in the inbox.")
    object = "page"
    steps = (
        gettext_lazy("In Meta for Developers, open your app, Messenger, and its webhook settings."),
        gettext_lazy("Paste the address as callback URL and the verify token, then verify and save."),
        gettext_lazy("Subscribe your page to messages, message_echoes, message_deliveries and message_reads."),
        gettext_lazy("Write to the page once. The message stands in the inbox at once."),
    )
