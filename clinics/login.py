from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Logging in to Recare: nobody signs up by themselves; staff are invited and clients are invited."""

    def is_open_for_signup(self, request):
        return False
