from agencies.queries.facts import AuthorisedPerson, authorised_persons, facts_of, listings_of, practitioners, record_of

__all__ = ["AuthorisedPerson", "authorised_persons", "facts_of", "listings_of", "practitioners", "record_of"]
