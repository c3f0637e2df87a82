"""Templates: how an organisation words its e-mails itself."""

from chalicelib.api import lists
from chalicelib.api.answers import Answer, Out
from chalicelib.api.endpoints import Request, Staff, endpoint
from chalicelib.api.etags import etag, expected
from chalicelib.api.shapes import Moment
from chalicelib.operations import templates
from chalicelib.operations.templates import Words
from chalicelib.rules.drafts.templates import TemplateDraft
from chalicelib.rules.organisations import Locale
from chalicelib.rules.refusals import ChangedMeanwhile, DoesNotFit
from chalicelib.rules.templates import MEANINGS, NAMES, NEVER_IN_SUBJECT, Notice, Template

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
    """What may stand in double braces."""
    changed_at: Moment | None
    changed_by: str


class NoticeOut(Out):
    code: str
    detail: str


class WordsOut(TemplateOut):
    subject: str
    body: str
    """Markdown, or HTML when it begins with a tag."""


class EditedOut(WordsOut):
    warnings: list[NoticeOut]
    """What is done to the words wherever they are used."""


class TemplatesOut(Out):
    items: list[TemplateOut]
    next: str | None


class PreviewOut(Out):
    subject: str
    text: str
    html: str
    warnings: list[NoticeOut]


@endpoint("GET", TEMPLATES, who=Staff("viewer"), gives={200: TemplatesOut}, query=lists.QUERY)
def list_templates(request: Request[None]) -> Answer:
    """List the templates of every e-mail in every language, and the variables that each knows."""
    page, start = lists.cut(templates.list_templates(request.org), lists.wanted(request.call), lambda one: f"{one.name}/{one.locale}")
    return Answer(200, TemplatesOut(items=[TemplateOut(**_facts(one)) for one in page], next=lists.cursor(request.call, start)))


@endpoint("GET", TEMPLATE, who=Staff("viewer"), gives={200: WordsOut})
def read_template(request: Request[None]) -> Answer:
    """Read the words of an e-mail: its own, or the usual ones to begin from."""
    words = templates.read_template(request.org, request["name"], request["locale"], now=request.call.now)
    return Answer(200, WordsOut(**_words(words)), etag(words.template.version))


@endpoint("PUT", TEMPLATE, who=Staff("manager"), takes=TemplateDraft, gives={200: EditedOut}, refuses=(ChangedMeanwhile, DoesNotFit))
def edit_template(request: Request[TemplateDraft]) -> Answer:
    """Give an e-mail own words in this language."""
    template, notices = templates.edit_template(
        request.org,
        request["name"],
        request["locale"],
        request.body,
        by=request.by,
        expected=expected(request.call),
        now=request.call.now,
    )
    body = EditedOut(**_words(Words(template, request.body.wording)), warnings=_warnings(notices))
    return Answer(200, body, etag(template.version))


@endpoint("DELETE", TEMPLATE, who=Staff("manager"), gives={204: None}, refuses=(ChangedMeanwhile,))
def reset_template(request: Request[None]) -> Answer:
    """Let an e-mail have the usual words again."""
    templates.reset_template(
        request.org, request["name"], request["locale"], by=request.by, expected=expected(request.call), now=request.call.now
    )
    return Answer(204)


@endpoint("POST", TEMPLATE + "/preview", who=Staff("manager"), takes=TemplateDraft, gives={200: PreviewOut}, refuses=(DoesNotFit,))
def preview_template(request: Request[TemplateDraft]) -> Answer:
    """Show how an e-mail would look in these words; nothing is stored or sent."""
    shown = templates.preview_template(request.org, request["name"], request["locale"], request.body, now=request.call.now)
    subject, text, html = shown.content
    return Answer(200, PreviewOut(subject=subject, text=text, html=html, warnings=_warnings(shown.notices)))


def _words(words: Words) -> dict[str, object]:
    return {**_facts(words.template), "subject": words.wording.subject, "body": words.wording.body}


def _facts(template: Template) -> dict[str, object]:
    variables = [VariableOut(name=name, means=MEANINGS[name], in_subject=name not in NEVER_IN_SUBJECT) for name in NAMES[template.name]]
    return {
        "name": template.name,
        "locale": template.locale,
        "edited": template.edited,
        "variables": variables,
        "changed_at": template.changed_at if template.edited else None,
        "changed_by": template.changed_by if template.edited else "",
    }


def _warnings(notices: list[Notice]) -> list[NoticeOut]:
    return [NoticeOut(code=notice.code, detail=notice.detail) for notice in notices]
