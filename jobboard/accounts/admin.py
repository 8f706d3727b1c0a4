from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db import transaction

from jobboard.accounts import factors
from jobboard.accounts.adapter import lock_email
from jobboard.accounts.models import User
from jobboard.admin_forms.autocomplete import PkMultipleChoiceField
from jobboard.text.numbers import counted


class UserCreationForm(AdminUserCreationForm):
    """Requires the e-mail address only; users can set their password with “Mot de passe oublié”."""

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


class PkMultipleChoiceMixin:
    """Validate the primary keys of groups and permissions in the form, not by a database error."""

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        return super().formfield_for_manytomany(db_field, request, form_class=PkMultipleChoiceField, **kwargs)


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(PkMultipleChoiceMixin, DjangoGroupAdmin):
    pass


@admin.register(User)
class UserAdmin(PkMultipleChoiceMixin, DjangoUserAdmin):
    form = UserForm
    add_form = UserCreationForm
    ordering = ["email"]
    list_display = ["email", "first_name", "last_name", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_superuser", "is_active", "groups"]
    search_fields = ["email", "first_name", "last_name"]
    date_hierarchy = "date_joined"
    readonly_fields = ["last_login", "date_joined", "confirmed", "second_factor", "sessions"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Identité", {"fields": ["first_name", "last_name"]}),
        ("Droits", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Sécurité", {"fields": ["confirmed", "second_factor", "sessions"]}),
        ("Dates", {"fields": ["last_login", "date_joined"]}),
    ]
    actions = ["reset_second_factor"]
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

    @transaction.atomic
    def changeform_view(self, request, *args, **kwargs):
        if request.method == "POST":
            # Before the form checks that the address is free.
            lock_email(request.POST.get("email", ""))
        return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            # The former address can no longer be used to log in; the new one is confirmed at the next login.
            EmailAddress.objects.filter(user=obj).exclude(email=obj.email).delete()

    @admin.display(description="adresse confirmée", boolean=True)
    def confirmed(self, user):
        return EmailAddress.objects.filter(user=user, email=user.email, verified=True).exists()

    @admin.display(description="double authentification")
    def second_factor(self, user):
        kinds = Authenticator.objects.filter(user=user).values_list("type", flat=True)
        names = {"totp": "application", "webauthn": "clé d’accès"}
        return ", ".join(names[kind] for kind in kinds if kind in names) or "aucune"

    @admin.display(description="sessions ouvertes")
    def sessions(self, user):
        return UserSession.objects.filter(user=user).count()

    @admin.action(description="Retirer la double authentification (téléphone ou clé perdus)", permissions=["change"])
    def reset_second_factor(self, request, queryset):
        """Remove second factors. Check the identity first, by another channel than e-mail: see docs/operations.md."""
        users = queryset if request.user.is_superuser else queryset.filter(is_superuser=False)
        count = 0
        for user in users:
            if factors.reset_second_factors(user):
                count += 1
                self.log_change(request, user, "Double authentification retirée.")
        if users.count() < queryset.count():
            message = "Seul un super-utilisateur peut le faire pour un autre super-utilisateur."
            self.message_user(request, message, messages.WARNING)
        self.message_user(request, f"Double authentification retirée de {counted(count, 'compte')}.")
