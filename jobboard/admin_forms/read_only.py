class ReadOnlyAdminMixin:
    """An admin of rows that the site writes: nothing to add, nothing to change."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False
