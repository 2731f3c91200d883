"""Many notices or sign-ups in one table: tried first, confirmed, then carried out row by row."""
