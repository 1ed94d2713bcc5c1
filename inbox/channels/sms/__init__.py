"""Text messages by way of Twilio."""
