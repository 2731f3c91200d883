from agencies.actions.standing import set_standing

__all__ = ["set_standing"]
