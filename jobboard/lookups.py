"""Lookups of our own, registered by jobboard.apps for the fields of every app."""

from django.db.models import Field, ForeignKey
from django.db.models.lookups import In


@ForeignKey.register_lookup
@Field.register_lookup
class AnyOf(In):
    """`pk__any=[1, 2]`: the rows of `pk__in`, as one SQL text for lists of every length on PostgreSQL.

    A prepared statement is found by its text: `IN` with one to twenty values would be prepared and planned twenty
    times on each connection.
    """

    lookup_name = "any"

    def get_prep_lookup(self):
        if not isinstance(self.rhs, (list, tuple)):
            raise TypeError("The any lookup takes a list or a tuple of values.")
        return super().get_prep_lookup()

    def as_postgresql(self, compiler, connection):
        column, params = self.process_lhs(compiler, connection)
        _, values = self.process_rhs(compiler, connection)
        return f"{column} = ANY(%s)", (*params, list(values))
