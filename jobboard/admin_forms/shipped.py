from jobboard.admin_forms.guarded import ConflictSafeAdmin


class ShippedRowsAdmin(ConflictSafeAdmin):
    """Admin of a model with rows from a file of the repository: see its field `shipped_as`.

    Such a row cannot be deleted, because the next load of the file would create it again; curators deactivate it.
    """

    list_per_page = 100
    actions = ["switch_on", "switch_off"]

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and not (obj and obj.shipped_as)

    def get_actions(self, request):
        # The bulk deletion would delete shipped rows too.
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions
