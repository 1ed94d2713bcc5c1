"""Messenger, sent by the Graph API."""

from inbox.channels.contract import Adapter
from inbox.channels.meta_api import check_meta, send_by_meta


class MessengerAdapter(Adapter):
    """Meta cannot be asked afterwards by what was sent: the echo of a message tells that it went."""

    def send(self, account, outgoing):
        return send_by_meta(account, outgoing)

    def check(self, account):
        return check_meta(account)
