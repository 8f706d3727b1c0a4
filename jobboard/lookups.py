"""Custom lookups, registered by jobboard.apps for all fields."""

from django.db.models import Field, ForeignKey
from django.db.models.lookups import In


@ForeignKey.register_lookup
@Field.register_lookup
class AnyOf(In):
    """`pk__any=[1, 2]`: like `pk__in`, with the same SQL for lists of every length on PostgreSQL.

    Prepared statements are cached by their SQL: `IN` with one to twenty values would be prepared twenty times on each
    connection. The array is wrapped in a subquery, because PostgreSQL would otherwise plan for the length of each
    array: seven cards take 0.17 instead of 0.60 ms. For a foreign key, the values are primary keys.
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
