"""WhatsApp messages as Twilio tells of them."""

from django.utils.translation import gettext_lazy

from inbox.channels.twilio_hook import TwilioMessages


class TwilioWhatsApp(TwilioMessages):
    label = "WhatsApp (Twilio)"
    description = gettext_lazy("What people write to your WhatsApp number stands in the inbox.")
    icon = "chat"
    scheme = "whatsapp:"
    steps = (
        gettext_lazy("In the Twilio console, open Messaging, Senders, WhatsApp senders, and your number."),
        gettext_lazy("Webhook URL for incoming messages: paste the address, HTTP POST."),
        gettext_lazy("Status callback URL: paste the same address."),
        gettext_lazy("Write to the number once by WhatsApp. The message stands in the inbox at once."),
    )
