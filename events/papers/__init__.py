"""Papers of events as PDF: pure, from data to bytes."""
