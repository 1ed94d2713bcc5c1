"""The demo clinic: a year of believable history, the same on every machine but for today's date."""
