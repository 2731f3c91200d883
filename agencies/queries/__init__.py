from agencies.queries.facts import AuthorisedPerson, authorised_persons, facts_of, listings_of, practitioners

__all__ = ["AuthorisedPerson", "authorised_persons", "facts_of", "listings_of", "practitioners"]
