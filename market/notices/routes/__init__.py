from market.notices.routes import inbox, preferences, webhooks

routes = [*inbox.routes, *preferences.routes, *webhooks.routes]

__all__ = ["routes"]
