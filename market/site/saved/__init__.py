"""Searches that a person keeps, to be told of what comes to match them."""
