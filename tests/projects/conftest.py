from tests.posting.conftest import other_owner, owner, surveyors  # noqa: F401
