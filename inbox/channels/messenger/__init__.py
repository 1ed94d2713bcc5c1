"""Messenger: the messages of a Facebook page, by the Graph API."""
