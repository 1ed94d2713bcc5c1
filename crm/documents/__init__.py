"""Files attached to leads: what may come in, cleaned of what nobody meant to send, and kept under opaque names."""
