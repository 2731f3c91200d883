"""Contracts and their money: which milestones a contract owes, when they fall due, what releases them."""
