"""Events at /api/v1/: the same doors, services and refusals as on the pages."""
