"""Who speaks when, on one microphone."""
