from tests.admin.conftest import superuser

__all__ = ["superuser"]
