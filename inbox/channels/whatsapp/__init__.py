"""WhatsApp by way of Twilio."""
