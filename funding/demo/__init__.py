"""What the demonstration's mobility calls are about: invented, and always the same."""
