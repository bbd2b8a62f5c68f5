"""Pictures of products."""

from django.core.files.storage import default_storage
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.lib.api.serializers import StrictSerializer
from config.lib.fields import validate_line

from ..models import Picture


class PictureSerializer(serializers.ModelSerializer):
    """A picture in each width that is kept, smallest first."""

    sizes = serializers.SerializerMethodField()

    class Meta:
        model = Picture
        fields = ("id", "description", "width", "height", "position", "sizes")

    @extend_schema_field(
        {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["width", "url"],
                "properties": {
                    "width": {"type": "integer"},
                    "url": {"type": "string", "format": "uri"},
                },
            },
        }
    )
    def get_sizes(self, picture):
        absolute = self.context["request"].build_absolute_uri
        return [
            {"width": width, "url": absolute(default_storage.url(f"{picture.key}/{width}.webp"))}
            for width in picture.widths
        ]


class PictureUploadSerializer(StrictSerializer):
    """A picture file, checked by its content."""

    file = serializers.FileField(max_length=200)
    description = serializers.CharField(
        max_length=160, required=False, allow_blank=True, default="", validators=[validate_line]
    )
