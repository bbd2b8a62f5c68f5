"""Texts of libraries that Kaiu says in its own words in Spanish.

Nobody imports this file: `make messages` reads it, and locale/es wins over what libraries bring.
"""

from django.utils.translation import gettext_noop, ngettext_lazy

# Django: forms and passwords, which shoppers meet
gettext_noop("Enter a valid email address.")
gettext_noop("This field is required.")
gettext_noop("Enter a whole number.")
gettext_noop("Enter a number.")
gettext_noop("Enter a valid value.")
gettext_noop("Enter a valid URL.")
gettext_noop("Enter a valid date.")
gettext_noop("Enter a valid date/time.")
gettext_noop("Enter a valid time.")
gettext_noop("Select a valid choice. %(value)s is not one of the available choices.")
gettext_noop("Select a valid choice. That choice is not one of the available choices.")
gettext_noop("Null characters are not allowed.")
gettext_noop("The two password fields didn’t match.")
ngettext_lazy(
    "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
    "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
)
ngettext_lazy(
    "Ensure this value has at least %(limit_value)d character (it has %(show_value)d).",
    "Ensure this value has at least %(limit_value)d characters (it has %(show_value)d).",
)
ngettext_lazy(
    "This password is too short. It must contain at least %d character.",
    "This password is too short. It must contain at least %d characters.",
)
ngettext_lazy(
    "Your password must contain at least %(min_length)d character.",
    "Your password must contain at least %(min_length)d characters.",
)
gettext_noop("This password is too common.")
gettext_noop("This password is entirely numeric.")
gettext_noop("The password is too similar to the %(verbose_name)s.")
gettext_noop("Your password can’t be too similar to your other personal information.")
gettext_noop("Your password can’t be a commonly used password.")
gettext_noop("Your password can’t be entirely numeric.")

# Django: the back-office
ngettext_lazy("Please correct the error below.", "Please correct the errors below.")
gettext_noop("Add")
gettext_noop("Add %s")
gettext_noop("Add %(name)s")
gettext_noop("Add another %(verbose_name)s")
gettext_noop("Add another %(model)s")
gettext_noop("Save and add another")
gettext_noop(
    "Are you sure you want to delete the selected %(objects_name)s? All of the "
    "following objects and their related items will be deleted:"
)
gettext_noop(
    'Are you sure you want to delete the %(object_name)s "%(escaped_object)s"? All of'
    " the following related items will be deleted:"
)
gettext_noop(
    "Deleting the %(object_name)s '%(escaped_object)s' would result in deleting "
    "related objects, but your account doesn't have permission to delete the "
    "following types of objects:"
)
gettext_noop(
    "Deleting the selected %(objects_name)s would result in deleting related objects,"
    " but your account doesn't have permission to delete the following types of "
    "objects:"
)
gettext_noop("Conflicting form data submitted. Please try again.")
gettext_noop("Hold down “Control”, or “Command” on a Mac, to select more than one.")

# allauth: signing in
gettext_noop("The email address and/or password you specified are not correct.")
gettext_noop("This account is currently inactive.")
gettext_noop("Please type your current password.")
gettext_noop("You must type the same password each time.")
gettext_noop("Incorrect code.")
gettext_noop("Incorrect password.")
gettext_noop("Invalid or expired key.")
gettext_noop("Invalid login.")
gettext_noop("The password reset token was invalid.")
gettext_noop("You cannot remove your primary email address.")
gettext_noop("You cannot add more than %d email addresses.")
gettext_noop("A user is already registered with this email address.")
gettext_noop("This email address is already associated with this account.")
gettext_noop("Your primary email address must be verified.")
gettext_noop("The new value must be different from the current one.")
gettext_noop("Too many failed login attempts. Try again later.")
gettext_noop("Be patient, you are sending too many requests.")
gettext_noop(
    "You cannot add an email address to an account protected by two-factor authentication."
)
gettext_noop("You cannot deactivate two-factor authentication.")
gettext_noop("You cannot generate recovery codes without having two-factor authentication enabled.")
gettext_noop(
    "You cannot activate two-factor authentication until you have verified your email address."
)
gettext_noop("Authenticator code")
gettext_noop("Current Password")
gettext_noop("New Password")
gettext_noop("New Password (again)")
gettext_noop("Password (again)")
gettext_noop("Email")
gettext_noop("Email address")

# The API's libraries
gettext_noop("A valid biginteger is required.")
gettext_noop("Surrogate characters are not allowed: U+{code_point:X}.")
gettext_noop("No active account found with the given credentials")
gettext_noop("Authorization header must contain two space-delimited values")
gettext_noop("Given token not valid for any token type")
gettext_noop("Token is invalid")
gettext_noop("Token is expired")
gettext_noop("Token is invalid or expired")
gettext_noop("User not found")
gettext_noop("User is inactive")
gettext_noop("The user's password has been changed.")

# unfold: the back-office, which has no Spanish of its own
gettext_noop("Select record")
gettext_noop("Select all rows")
gettext_noop("Select action")
gettext_noop("Select action to run")
gettext_noop("Select value")
gettext_noop("Select currency")
gettext_noop("Value")
gettext_noop("Date")
gettext_noop("Date from")
gettext_noop("Date to")
gettext_noop("To")
gettext_noop("Run")
gettext_noop("Expand row")
gettext_noop("Type to search")
gettext_noop("Search apps and models...")
gettext_noop("More actions")
gettext_noop("All applications")
gettext_noop("True")
gettext_noop("False")
gettext_noop("Apply Filters")
gettext_noop("Reset filters")
gettext_noop("Not enough data.")
gettext_noop("No data")
gettext_noop("Recent searches")
gettext_noop("No recent searches")
gettext_noop("No results matching your query")
gettext_noop("Loading more results...")
gettext_noop("Record picture")
gettext_noop("This item will be deleted.")
gettext_noop("Click to cancel")
gettext_noop("No results found")
gettext_noop("This page yielded into no results. Create a new item or reset your filters.")
gettext_noop("Image preview")
gettext_noop("Click to download")
gettext_noop("Go back")
gettext_noop("Next")
gettext_noop("General")
gettext_noop("Light")
gettext_noop("Dark")
gettext_noop("System")
gettext_noop("Return to site")
gettext_noop("%(full_result_count)s total")
gettext_noop("Choose file to upload")
gettext_noop("Toggle password visibility")
gettext_noop("Add new item")
gettext_noop("Add row")
gettext_noop("Welcome back to")
gettext_noop("Forgotten your password or username?")
gettext_noop("You have been successfully logged out from the administration")
gettext_noop("You can not create nested object without parent")
