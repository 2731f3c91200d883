"""A search server for tests."""
