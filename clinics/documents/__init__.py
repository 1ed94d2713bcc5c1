"""Files about people: what may come in, cleaned of what nobody meant to send, and kept under opaque names."""
