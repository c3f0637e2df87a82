"""E-mail templates: the organisation's custom text of its e-mails."""

from chalicelib.api import lists
from chalicelib.api.endpoints import Request, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.responses import ApiResponse, Out
from chalicelib.api.shapes import Moment
from chalicelib.languages import Locale
from chalicelib.operations import email_templates
from chalicelib.operations.email_templates import TemplateView
from chalicelib.rules.email_templates import Notice, Template
from chalicelib.rules.inputs.email_templates import TemplateInput
from chalicelib.rules.refusals import ChangedMeanwhile, ValidationFailed
from chalicelib.web.audience import Staff
from chalicelib.web.call import Call
from chalicelib.web.locale import locale_of, say

TEMPLATES = "/v1/orgs/{org}/templates"
TEMPLATE = TEMPLATES + "/{name}/{locale}"


class VariableOut(Out):
    name: str
    means: str
    in_subject: bool


class TemplateOut(Out):
    name: str
    locale: Locale
    edited: bool
    variables: list[VariableOut]
    """The variables that may be used in double braces."""
    changed_at: Moment | None
    changed_by: str


class NoticeOut(Out):
    code: str
    detail: str


class TemplateTextOut(TemplateOut):
    subject: str
    body: str
    """Markdown, or HTML if it begins with a tag."""


class EditedTemplateOut(TemplateTextOut):
    warnings: list[NoticeOut]
    """How the text is changed wherever it is used."""


class TemplatesOut(Out):
    items: list[TemplateOut]
    next: str | None


class PreviewOut(Out):
    subject: str
    text: str
    html: str
    warnings: list[NoticeOut]


@endpoint("GET", TEMPLATES, id="templates.list_templates", who=Staff("read"), gives={200: TemplatesOut}, query=lists.QUERY)
def list_templates(request: Request[None]) -> ApiResponse:
    """List the templates of every e-mail in every language, with the variables of each."""
    page, start = lists.page_of(
        email_templates.list_templates(request.org), lists.list_query(request.call), lambda one: f"{one.name}/{one.locale}"
    )
    return ApiResponse(200, TemplatesOut(items=[TemplateOut(**_facts(one)) for one in page], next=lists.cursor(request.call, start)))


@endpoint("GET", TEMPLATE, id="templates.read_template", who=Staff("read"), gives={200: TemplateTextOut})
def read_template(request: Request[None]) -> ApiResponse:
    """Read an e-mail template: the organisation's own, or the default to start from."""
    words = email_templates.read_template(request.org, request["name"], request["locale"], now=request.call.now)
    return ApiResponse(200, TemplateTextOut(**_custom_text(words)), etag(words.template.version))


@endpoint(
    "PUT",
    TEMPLATE,
    id="templates.edit_template",
    who=Staff("edit_templates"),
    takes=TemplateInput,
    gives={200: EditedTemplateOut},
    refuses=(ChangedMeanwhile, ValidationFailed),
)
def edit_template(request: Request[TemplateInput]) -> ApiResponse:
    """Set the organisation's own template of an e-mail in this language."""
    template, notices = email_templates.edit_template(
        request.org,
        request["name"],
        request["locale"],
        request.body,
        by=request.by,
        expected=expected(request.call),
        now=request.call.now,
    )
    body = EditedTemplateOut(**_custom_text(TemplateView(template, request.body.text)), warnings=_warnings(notices, request.call))
    return ApiResponse(200, body, etag(template.version))


@endpoint("DELETE", TEMPLATE, id="templates.reset_template", who=Staff("edit_templates"), gives={204: None}, refuses=(ChangedMeanwhile,))
def reset_template(request: Request[None]) -> ApiResponse:
    """Reset an e-mail template to the default."""
    email_templates.reset_template(
        request.org, request["name"], request["locale"], by=request.by, expected=expected(request.call), now=request.call.now
    )
    return ApiResponse(204)


@endpoint(
    "POST",
    TEMPLATE + "/preview",
    id="templates.preview_template",
    who=Staff("edit_templates"),
    takes=TemplateInput,
    gives={200: PreviewOut},
    refuses=(ValidationFailed,),
)
def preview_template(request: Request[TemplateInput]) -> ApiResponse:
    """Preview an e-mail with this template; nothing is stored or sent."""
    shown = email_templates.preview_template(request.org, request["name"], request["locale"], request.body, now=request.call.now)
    subject, text, html = shown.content
    return ApiResponse(200, PreviewOut(subject=subject, text=text, html=html, warnings=_warnings(shown.notices, request.call)))


def _custom_text(words: TemplateView) -> dict[str, object]:
    return {**_facts(words.template), "subject": words.text.subject, "body": words.text.body}


def _facts(template: Template) -> dict[str, object]:
    variables = [VariableOut(**known._asdict()) for known in email_templates.placeholders(template.name)]
    return {
        "name": template.name,
        "locale": template.locale,
        "edited": template.edited,
        "variables": variables,
        "changed_at": template.changed_at if template.edited else None,
        "changed_by": template.changed_by if template.edited else "",
    }


def _warnings(notices: list[Notice], call: Call) -> list[NoticeOut]:
    locale = locale_of(call)
    return [NoticeOut(code=notice.code, detail=say(notice.detail, locale)) for notice in notices]
