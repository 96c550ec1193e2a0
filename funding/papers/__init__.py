"""Papers of funding as PDF: pure, from data to bytes."""
