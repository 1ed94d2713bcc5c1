"""WhatsApp, sent by Twilio: free words within a day of theirs, an approved template at any time."""

from inbox.channels.contract import Adapter
from inbox.channels.twilio_api import check_twilio, kept_alive, look_up_at_twilio, send_by_twilio

SCHEME = "whatsapp:"


class WhatsAppAdapter(Adapter):
    can_look_up = True

    def __init__(self):
        self.http = kept_alive()

    def send(self, account, outgoing):
        return send_by_twilio(account, outgoing, scheme=SCHEME, http=self.http)

    def look_up(self, account, outgoing, *, since):
        return look_up_at_twilio(account, outgoing, since=since, scheme=SCHEME)

    def check(self, account):
        return check_twilio(account, connection=account.connection)
