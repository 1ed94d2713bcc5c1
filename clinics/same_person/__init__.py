"""Two writings of one person, on plain values: names taken apart, people compared, keys that bring them together."""
