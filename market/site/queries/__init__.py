from market.site.queries.figures import headline

__all__ = ["headline"]
