"""What changes more than one row of funding, or tells somebody."""
