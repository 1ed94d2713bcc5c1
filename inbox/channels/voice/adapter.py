"""A phone line sends no messages: calls are made by a person, from the number on the page."""

from inbox.channels.contract import Adapter, NotSent
from inbox.channels.twilio_api import check_twilio


class VoiceAdapter(Adapter):
    def send(self, account, outgoing):
        raise NotSent("unreachable", "a call is made by a person")

    def check(self, account):
        return check_twilio(account, connection=account.connection)
