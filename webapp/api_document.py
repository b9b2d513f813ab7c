"""The API's OpenAPI document: what Ninja tells of the routes, and what is the same for all of them."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from webapp.api_idempotency import HEADER
from webapp.api_problems import CONTENT_TYPE, DETAILS, TITLES

DESCRIPTION = """
Import images, label them, train, and read new ones.

**Sign in** with a token (`Authorization: Bearer cwb_…`) from your account page, good in all of your projects, or from a
project's page *API*, good in that one. A token has scopes: `view`, `read`, `label`, `import`, `train`, `export` and
`manage`.

**Lists** answer `{"items": […], "next": "…"}`; send `next` as `?cursor=` to get the next page, until it is null.

**Send a POST again** safely with an `Idempotency-Key` of your own: it is done once, and for 24 hours answered alike.

**Errors** are `application/problem+json` (RFC 9457) with a `detail` that says what happened and what to do. `429` and
`503` carry `Retry-After`.
"""

TAGS = [
    {"name": "account", "description": "Who asks."},
    {"name": "projects", "description": "Families of images that share a look, an alphabet and a length."},
    {"name": "imports", "description": "Batches that bring images in, with an outcome per file."},
    {"name": "images", "description": "The pictures of a project and their agreed texts."},
    {
        "name": "labelling",
        "description": "The queue of images that wait to be read by people, and what they said.",
    },
    {"name": "review", "description": "What people disagree about or a reader doubts."},
    {"name": "people", "description": "Members, invitations, and who did what."},
    {"name": "exports", "description": "Images and labels as files."},
    {"name": "datasets", "description": "Frozen lists of image, text and split: what runs train on."},
    {"name": "runs", "description": "Trainings: start, watch, stop, compare."},
    {"name": "without labels", "description": "Trainings that nobody has to label images for."},
    {"name": "searches", "description": "Looking for better hyper-parameters by many short runs."},
    {"name": "models", "description": "What runs have produced; one of them reads."},
    {"name": "reading", "description": "Reading new images, and saying what was misread."},
    {"name": "batches", "description": "Many images, read by workers; and where their end is announced."},
    {
        "name": "strength",
        "description": "What it takes to read one's own images by machine, and what resists.",
    },
    {"name": "loop", "description": "Suggestions for labelling, and training by itself."},
]

PARAMETERS = {
    "project_id": "Number of the project, as in the addresses of its pages.",
    "number": "Number of the run within its project.",
    "dataset_number": "Number of the dataset version within its project.",
    "search_number": "Number of the search within its project.",
    "report_number": "Number of the strength report within its project.",
    "import_id": "Number of the import.",
    "export_id": "Number of the export.",
    "batch_id": "Number of the batch.",
    "format": "`csv` or `jsonl`.",
    "image_id": "Number of the image.",
    "model_id": "Number of the model.",
    "user_id": "Number of the person.",
    "invitation_id": "Number of the invitation.",
    "key": "Your own key of the annotation.",
    "position": "Number of the image within its batch, from 0.",
    "kind": "`onnx`, `keras` or `zip`.",
}

_PROBLEM = {
    "title": "Problem",
    "description": "An error (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["about:blank"]},
        "title": {"type": "string", "examples": ["Refused"]},
        "status": {"type": "integer", "examples": [422]},
        "detail": {"type": "string", "description": "What happened, to what, and what to do."},
        "errors": {
            "type": "array",
            "description": "Of 422: which parts of the request do not have the form that they need.",
            "items": {
                "type": "object",
                "properties": {
                    "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
                    "msg": {"type": "string"},
                    "type": {"type": "string"},
                },
            },
        },
        "allowed_bytes": {"type": "integer", "description": "Of 413: so large may it be."},
    },
}
_RETRY_AFTER = {"description": "So many seconds to wait.", "schema": {"type": "integer"}}
_RATE = {
    "RateLimit-Limit": {"description": "So many requests in a period.", "schema": {"type": "integer"}},
    "RateLimit-Remaining": {"description": "So many are left.", "schema": {"type": "integer"}},
    "RateLimit-Reset": {"description": "All of them are in so many seconds.", "schema": {"type": "integer"}},
}
_SENTENCES = {
    **DETAILS,
    401: "Send a valid token: Authorization: Bearer cwb_…",
    409: "The first request with this Idempotency-Key is still under way.",
    415: "This address takes JSON.",
    422: "The wish cannot be granted; `detail` says why.",
    429: "These are more requests than allowed.",
}
_SECURITY = {
    "TokenAuth": "A token from your account page or from a project's page API.",
    "SessionAuth": "The browser's session; whoever changes something sends the header X-CSRFToken, too.",
}


class DocumentedApi(NinjaAPI):
    """Ninja's API with a document that tells errors, headers and parameters, too."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**options)
        components = document["components"]
        components["schemas"]["Problem"] = _PROBLEM
        components["responses"] = {f"Problem{status}": _response(status) for status in _SENTENCES}
        for name, scheme in components.get("securitySchemes", {}).items():
            scheme["description"] = _SECURITY.get(name, "")
        for operations in document["paths"].values():
            for method, operation in operations.items():
                _complete(method, operation)
        return document


def _response(status: int) -> dict[str, Any]:
    headers = dict(_RATE) if status == 429 else {}
    if status in (409, 429, 503):
        headers["Retry-After"] = _RETRY_AFTER
    example = {"type": "about:blank", "title": TITLES[status], "status": status, "detail": _SENTENCES[status]}
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}}
    described: dict[str, Any] = {"description": TITLES[status], "content": content}
    return described | ({"headers": headers} if headers else {})


def _complete(method: str, operation: dict[str, Any]) -> None:
    names = {one["name"] for one in operation["parameters"]}
    for parameter in operation["parameters"]:
        if parameter["name"] in PARAMETERS:
            parameter.setdefault("description", PARAMETERS[parameter["name"]])
    may_fail = {400, 401, 403, 429}
    if any(one["in"] == "path" for one in operation["parameters"]):
        may_fail.add(404)
    if names or "requestBody" in operation:
        may_fail.add(422)
    if method != "get":
        # Whoever changes something may be refused for the state of things, and may send too much.
        may_fail |= {413, 415, 422}
    if method == "post":
        may_fail.add(409)
        operation["parameters"].append(
            {
                "in": "header",
                "name": HEADER,
                "required": False,
                "description": "A key of your own, such as a UUID: the request is done once, however often it comes.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
            }
        )
    if "reading" in operation.get("tags", []):
        may_fail.add(503)
    for status in sorted(may_fail):
        operation["responses"].setdefault(status, {"$ref": f"#/components/responses/Problem{status}"})
