"""The forms of django-allauth with our words, and without placeholders that repeat the labels."""

from allauth.account import forms


class Plain:
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        for name in ("login", "email"):
            if name in self.fields:
                self.fields[name].label = "Adresse e-mail"
                self.fields[name].error_messages["invalid"] = "Cette adresse n’est pas complète."
        for name in ("password", "oldpassword"):
            if name in self.fields:
                # The pages have the link for a forgotten password below: between two fields it stops the keyboard.
                self.fields[name].help_text = ""


class LoginForm(Plain, forms.LoginForm):
    pass


class ReauthenticateForm(Plain, forms.ReauthenticateForm):
    pass


class ResetPasswordForm(Plain, forms.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(Plain, forms.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(Plain, forms.ChangePasswordForm):
    pass


class SetPasswordForm(Plain, forms.SetPasswordForm):
    pass
