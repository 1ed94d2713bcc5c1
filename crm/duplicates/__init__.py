"""Who is here twice: comparing people, the index of match keys, the nightly sweep, the review queue, and merging."""
