"""Small predicates that views and templates share."""
