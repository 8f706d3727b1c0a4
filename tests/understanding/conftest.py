from tests.places.conftest import france, gazetteer_of_france

__all__ = ["france", "gazetteer_of_france"]
