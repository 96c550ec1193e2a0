"""Words of funding for templates."""
