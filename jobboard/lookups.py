"""Lookups of our own, registered by jobboard.apps for the fields of every app."""

from django.db.models import Field, ForeignKey
from django.db.models.lookups import In


@ForeignKey.register_lookup
@Field.register_lookup
class AnyOf(In):
    """`pk__any=[1, 2]`: the rows of `pk__in`, as one SQL text for lists of every length on PostgreSQL.

    A prepared statement is found by its text: `IN` with one to twenty values would be prepared twenty times on each
    connection. The array comes out of a subquery, or PostgreSQL would go on planning for the length of each array: the
    cards of seven offers take 0.17 instead of 0.60 ms. Of a foreign key, the values are primary keys.
    """

    lookup_name = "any"

    def get_prep_lookup(self):
        if not isinstance(self.rhs, (list, tuple)):
            raise TypeError("The any lookup takes a list or a tuple of values.")
        return super().get_prep_lookup()

    def as_postgresql(self, compiler, connection):
        column, params = self.process_lhs(compiler, connection)
        _, values = self.process_rhs(compiler, connection)
        array = f"{self.lhs.output_field.db_type(connection)}[]"
        return f"{column} = ANY(ARRAY(SELECT unnest(%s::{array})))", (*params, list(values))
