"""Files of others, read row by row."""
