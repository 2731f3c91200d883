"""Tokens by which an organisation's own programs use the API."""

from market.accounts.tokens import actions, queries, routes, rules

__all__ = ["actions", "queries", "routes", "rules"]
