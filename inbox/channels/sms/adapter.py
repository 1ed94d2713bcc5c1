"""Text messages and pictures, sent by Twilio."""

from inbox.channels.contract import Adapter
from inbox.channels.twilio_api import check_twilio, kept_alive, look_up_at_twilio, send_by_twilio


class SmsAdapter(Adapter):
    can_look_up = True

    def __init__(self):
        self.http = kept_alive()

    def send(self, account, outgoing):
        return send_by_twilio(account, outgoing, http=self.http)

    def look_up(self, account, outgoing, *, since):
        return look_up_at_twilio(account, outgoing, since=since)

    def check(self, account):
        return check_twilio(account, connection=account.connection)
