"""Drafts and notices as their pages show them, in the page's language."""
