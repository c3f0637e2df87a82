"""HTML: views, templates, style sheet, a little progressive JavaScript."""

from chalicelib.pages import access, files, invitations, invited, portal, registrations
from chalicelib.pages.declaring import PAGES, blueprint
from chalicelib.pages.sessions import inviting, roster

__all__ = ["PAGES", "access", "blueprint", "files", "invitations", "invited", "inviting", "portal", "registrations", "roster"]
