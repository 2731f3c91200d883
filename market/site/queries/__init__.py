from market.site.queries.figures import figures, headline

__all__ = ["figures", "headline"]
