from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group

from jobboard.accounts.models import User
from jobboard.autocomplete import SeveralByKey


class UserCreationForm(AdminUserCreationForm):
    """A person needs an address; the password can wait, since “Mot de passe oublié” sets it."""

    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("email",)
        field_classes = {}

    def clean_email(self):
        return self.cleaned_data["email"].lower()


class UserForm(UserChangeForm):
    class Meta(UserChangeForm.Meta):
        model = User
        field_classes = {}

    def clean_email(self):
        return self.cleaned_data["email"].lower()


class PickedByKey:
    """Groups and permissions are sent as keys: what cannot be one is refused in words, not by the database."""

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        return super().formfield_for_manytomany(db_field, request, form_class=SeveralByKey, **kwargs)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(PickedByKey, DjangoGroupAdmin):
    pass


@admin.register(User)
class UserAdmin(PickedByKey, DjangoUserAdmin):
    form = UserForm
    add_form = UserCreationForm
    ordering = ["email"]
    list_display = ["email", "first_name", "last_name", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_superuser", "is_active", "groups"]
    search_fields = ["email", "first_name", "last_name"]
    date_hierarchy = "date_joined"
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Identité", {"fields": ["first_name", "last_name"]}),
        ("Droits", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["email", "usable_password", "password1", "password2"],
                "description": "La personne choisit elle-même son mot de passe par «\u00a0Mot de passe oublié\u00a0» "
                "sur la page de connexion.",
            },
        )
    ]
