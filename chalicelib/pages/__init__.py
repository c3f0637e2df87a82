"""HTML pages: views, templates, the style sheet, and a little progressive JavaScript."""
