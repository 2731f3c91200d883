from agencies.queries.facts import AuthorisedPerson, authorised_persons, facts_of, practitioners

__all__ = ["AuthorisedPerson", "authorised_persons", "facts_of", "practitioners"]
