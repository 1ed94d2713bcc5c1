"""Text messages as Twilio tells of them."""

from django.utils.translation import gettext_lazy

from inbox.channels.twilio_hook import TwilioMessages


class TwilioTexts(TwilioMessages):
    label = gettext_lazy("Text messages (Twilio)")
    description = gettext_lazy("What people text to your number stands in the inbox.")
    icon = "sms"
    steps = (
        gettext_lazy("In the Twilio console, open your phone number and its Messaging configuration."),
        gettext_lazy("A message comes in: choose Webhook, paste the address, HTTP POST."),
        gettext_lazy("With a Messaging Service: paste it there instead, under Integration, and choose it here too."),
        gettext_lazy("Text the number once. The message stands in the inbox at once."),
    )
