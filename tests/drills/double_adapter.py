"""How the drills speak to the carrier's double, as adapters speak to their carriers."""

import httpx

from inbox.channels.contract import Accepted, Adapter, NotSent, Unclear

GIVES_UP_AFTER = 0.25  # seconds


class DoubleAdapter(Adapter):
    """Speaks to the double as the adapters speak to their carriers; where it listens stands in the account."""

    can_look_up = True

    def send(self, account, outgoing):
        self.before_send()
        try:
            answer = httpx.post(
                f"{account.settings['url']}/messages",
                json={"key": outgoing.key, "to": outgoing.to_address, "text": outgoing.text},
                timeout=GIVES_UP_AFTER,
                trust_env=False,
            )
        except httpx.HTTPError as error:
            raise Unclear from error
        if answer.status_code >= 500:
            raise Unclear
        if answer.status_code >= 400:
            raise NotSent("refused", str(answer.status_code))
        self.after_send()
        return Accepted(answer.json()["id"])

    def look_up(self, account, outgoing, *, since):
        found = httpx.get(
            f"{account.settings['url']}/messages", params={"key": outgoing.key}, timeout=5, trust_env=False
        ).json()
        return Accepted(found[0]["id"]) if found else None

    def before_send(self):
        """Where a drill lets the process die with nothing sent."""

    def after_send(self):
        """Where a drill lets the process die with the answer in hand."""
