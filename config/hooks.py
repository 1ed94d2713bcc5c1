"""Every source of webhooks on one page: the word in its addresses -> the class that understands it."""

SOURCES = {
    "meta": "crm.hooks.meta.MetaLeads",
    "google": "crm.hooks.google.GoogleLeads",
    "json": "crm.hooks.plain_json.PlainJson",
    "calls": "crm.hooks.twilio_calls.TwilioCalls",
    "mail": "crm.hooks.mail.LeadMail",
    "fhir": "patients.emr.hook.FhirSubscriptions",
    # told to channel accounts of the inbox
    "sms": "inbox.channels.sms.webhook.TwilioTexts",
    "mailbox": "inbox.channels.email.webhook.Mailbox",
    "messenger": "inbox.channels.messenger.webhook.MessengerMessages",
    "instagram": "inbox.channels.instagram.webhook.InstagramMessages",
    "sandbox": "inbox.channels.sandbox.webhook.SandboxPhones",
    "calling": "inbox.channels.voice.webhook.TwilioCalling",
    "whatsapp": "inbox.channels.whatsapp.webhook.TwilioWhatsApp",
}
