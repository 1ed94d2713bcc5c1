"""Who is here twice: the index of match keys, and whom it finds."""
