"""Puts the application together. Every handler that Lambda calls by name is declared here: in a blueprint it would run without this file."""


from chalice import Chalice

from chalicelib import api, telemetry
from chalicelib.web.call import keep_call

app = Chalice(app_name="rollbook", configure_logs=False)
app.api.binary_types = ["application/octet-stream", "multipart/form-data"]
app.register_middleware(telemetry.around, "http")
app.register_middleware(keep_call, "http")
app.register_blueprint(api.blueprint)
