"""Regions, service items, qualification types and the versioned rulebook: the market's rules as data."""
