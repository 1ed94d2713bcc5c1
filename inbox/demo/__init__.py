"""What people wrote to the demo clinic, and what it answered."""
