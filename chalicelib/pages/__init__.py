"""HTML: views, templates, style sheet, a little progressive JavaScript."""
