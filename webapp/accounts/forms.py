"""Forms of people's accounts."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UserCreationForm

from webapp.accounts.models import User

PASSWORD_HINT = "At least 8 characters, and not a common password."


class SignInForm(AuthenticationForm):
    """Name and password."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": (
            "No account has this name and password. Check both (the password is case-sensitive), "
            "or ask an administrator for a new one."
        ),
    }


class ChangePasswordForm(PasswordChangeForm):
    """The old password once, the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The field would steal the focus of a page that has other things to show.
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        self.fields["new_password1"].help_text = PASSWORD_HINT


class NewAccountForm(UserCreationForm):  # type: ignore[type-arg]
    """Name and password of somebody who was invited."""

    class Meta:
        model = User
        fields = ("username",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Name"
        self.fields[
            "username"
        ].help_text = "How you sign in, and how others see you. Letters, digits and @.+-_"
        self.fields["password1"].help_text = PASSWORD_HINT
        self.fields["password2"].label = "Password again"
        self.fields["password2"].help_text = ""
