"""The schema, and pages to read it, without a request to anywhere else."""

from django.conf import settings
from django.utils import translation
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from config.lib.memory import Memory

from .views import ApiView

# Describing every view takes a second of work, and changes only with the code.
_schemas = Memory(seconds=3600)


class SchemaView(ApiView, SpectacularAPIView):
    """The OpenAPI schema of this installation, as JSON or YAML."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (OpenApiJsonRenderer, OpenApiYamlRenderer)

    @extend_schema(exclude=True)
    def get(self, request, *args, **kwargs):
        return Response(_schemas.get(translation.get_language(), self._describe))

    def _describe(self, language):
        return self.generator_class().get_schema(request=None, public=True)


class DocsView(ApiView, SpectacularSwaggerSplitView):
    """The schema as a page on which every call can be tried."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    url_name = "api:schema"
    template_name = "api/docs.html"
    title = settings.SPECTACULAR_SETTINGS["TITLE"]


_ERROR = {
    "type": "object",
    "required": ["code", "message", "fields"],
    "properties": {
        "code": {"type": "string", "description": "For programs: never translated."},
        "message": {"type": "string", "description": "For people, in the request's language."},
        "fields": {
            "type": "object",
            "description": "What is wrong with each field of the body or parameter.",
            "additionalProperties": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


def describe_errors(result, generator, request, public):
    """Say of every call what an error looks like."""
    result["components"]["schemas"]["Error"] = _ERROR
    answer = {
        "description": "Anything that went wrong.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    for calls in result["paths"].values():
        for call in calls.values():
            call["responses"]["default"] = answer
    return result
