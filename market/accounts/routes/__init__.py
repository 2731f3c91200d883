from market.accounts.routes import colleagues, institutions, profile, sign_in, sign_up

routes = [*sign_in.routes, *sign_up.routes, *profile.routes, *colleagues.routes, *institutions.routes]

__all__ = ["routes"]
