from tests.complaints.conftest import regulator, sign_in

__all__ = ["regulator", "sign_in"]
