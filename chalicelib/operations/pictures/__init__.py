"""Pictures of sessions and logos of organisations."""

from chalicelib.operations.pictures.keep import (
    change_logo,
    change_session_picture,
    delete_picture_if_left,
    read_picture,
    redirect_of,
)
