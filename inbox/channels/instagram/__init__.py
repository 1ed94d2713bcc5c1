"""Instagram: direct messages and mentions in stories, by the Graph API."""
