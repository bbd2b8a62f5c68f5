import io

import pytest
from django.core.files.storage import default_storage
from django.utils import translation
from PIL import Image

from shop import pictures
from tests import make

NOT_A_PICTURE = "not a picture"


@pytest.fixture(autouse=True)
def _english():
    # Messages are compared with those of the code.
    with translation.override("en"):
        yield


def stored(kept: dict, width: int) -> Image.Image:
    with default_storage.open(f"{kept['key']}/{width}.webp") as file:
        return Image.open(io.BytesIO(file.read()))


def keep(file, organization) -> dict:
    return pictures.save(pictures.read(file), organization)


def as_file(content: bytes) -> io.BytesIO:
    return io.BytesIO(content)


def jpeg(**options) -> bytes:
    return make.picture_file(**options).getvalue()


# --- Refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00" + b"\x00" * 500,
        b"\x7fELF" + b"\x00" * 500,
        b"#!/bin/sh\nrm -rf /\n",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n",
        b"%PDF-1.7\n",
        b"BM" + b"\x00" * 100,
        b"\xff\xd8\xff\xe0" + b"\x00" * 200,
        b"RIFF\x10\x00\x00\x00WEBPVP8 ",
    ],
    ids=["empty", "exe", "elf", "script", "svg", "eps", "pdf", "bmp", "jpeg head", "webp head"],
)
def test_a_file_that_is_no_picture_is_refused_whatever_its_name(content):
    file = as_file(content)
    file.name = "foto.jpg"

    with pytest.raises(pictures.BadPicture, match=NOT_A_PICTURE):
        pictures.read(file)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_cut_off_picture_is_refused(kind):
    content = make.picture_file(kind=kind).getvalue()

    with pytest.raises(pictures.BadPicture, match=NOT_A_PICTURE):
        pictures.read(as_file(content[: len(content) // 2]))


def test_a_file_above_the_limit_is_refused_and_not_read_to_its_end():
    file = as_file(jpeg() + b"\x00" * (pictures.LARGEST_FILE + 5_000))

    with pytest.raises(pictures.BadPicture, match="10 MB"):
        pictures.read(file)

    assert file.tell() == pictures.LARGEST_FILE + 1


def test_a_picture_with_too_many_pixels_is_refused_before_they_are_unpacked(monkeypatch):
    content = io.BytesIO()
    # A white square of 100 million pixels is a file of a few kilobytes.
    Image.new("1", (10_000, 10_000), 1).save(content, "PNG")
    assert content.tell() < 50_000
    monkeypatch.setattr(Image.Image, "load", _must_not_load)

    with pytest.raises(pictures.BadPicture, match="too many pixels"):
        pictures.read(as_file(content.getvalue()))


def _must_not_load(self):
    raise AssertionError("The pixels were unpacked.")


def test_a_bomb_above_pillows_own_limit_is_refused():
    content = io.BytesIO()
    Image.new("1", (20_000, 20_000), 1).save(content, "PNG")

    with pytest.raises(pictures.BadPicture):
        pictures.read(as_file(content.getvalue()))


@pytest.mark.parametrize("size", [(40_000, 20), (20, 40_000)])
def test_a_picture_that_is_a_thread_is_refused(size):
    content = io.BytesIO()
    Image.new("L", size).save(content, "PNG")

    with pytest.raises(pictures.BadPicture, match="too long and thin"):
        pictures.read(as_file(content.getvalue()))


def test_a_picture_of_a_few_pixels_is_refused():
    with pytest.raises(pictures.BadPicture, match="too small"):
        pictures.read(make.picture_file(width=7, height=7))


# --- Made harmless ----------------------------------------------------------------------------


def test_what_hides_in_a_picture_does_not_survive(organization):
    polyglot = jpeg() + b"<script>alert(1)</script>" + b"PK\x03\x04 a zip with a page in it"

    kept = keep(as_file(polyglot), organization)

    for width in kept["widths"]:
        with default_storage.open(f"{kept['key']}/{width}.webp") as file:
            content = file.read()
        assert content[:4] == b"RIFF"
        assert content[8:12] == b"WEBP"
        # The file ends where its own header says that it ends.
        assert int.from_bytes(content[4:8], "little") + 8 == len(content)
        assert b"script" not in content


def test_the_place_where_it_was_taken_is_gone(organization):
    exif = Image.Exif()
    exif[0x010F] = "Camera of Ana"
    exif.get_ifd(0x8825)[2] = (4.0, 35.0, 53.0)
    file = make.picture_file(exif=exif, comment=b"Casa de Ana")
    assert Image.open(file).getexif().get_ifd(0x8825)
    file.seek(0)

    kept = keep(file, organization)

    for width in kept["widths"]:
        picture = stored(kept, width)
        assert dict(picture.getexif()) == {}
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(picture.info)


def test_a_picture_taken_sideways_stands_upright(organization):
    exif = Image.Exif()
    exif[0x0112] = 6
    kept = keep(make.picture_file(width=800, height=400, exif=exif), organization)

    assert (kept["width"], kept["height"]) == (400, 800)
    assert stored(kept, 400).size == (400, 800)


def test_what_is_transparent_stays_transparent(organization):
    content = io.BytesIO()
    picture = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    picture.paste((200, 30, 30, 255), (100, 100, 300, 300))
    picture.save(content, "PNG")

    kept = keep(as_file(content.getvalue()), organization)

    shown = stored(kept, 400).convert("RGBA")
    assert shown.getpixel((5, 5))[3] == 0
    assert shown.getpixel((200, 200))[3] == 255


def test_a_palette_with_a_transparent_colour_stays_transparent(organization):
    content = io.BytesIO()
    picture = Image.new("P", (64, 64), 0)
    picture.putpalette([255, 0, 0, 0, 255, 0] + [0] * 762)
    picture.paste(1, (16, 16, 48, 48))
    picture.save(content, "PNG", transparency=0)

    kept = keep(as_file(content.getvalue()), organization)

    shown = stored(kept, 64).convert("RGBA")
    assert shown.getpixel((2, 2))[3] == 0
    assert shown.getpixel((32, 32))[3] == 255


def test_of_an_animation_the_first_frame_is_kept(organization):
    content = io.BytesIO()
    frames = [Image.new("RGB", (80, 60), colour) for colour in ("red", "green", "blue")]
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:], duration=100)

    kept = keep(as_file(content.getvalue()), organization)

    shown = stored(kept, 80)
    assert getattr(shown, "n_frames", 1) == 1
    red, green, blue = shown.convert("RGB").getpixel((40, 30))
    assert red > 200
    assert max(green, blue) < 60


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "LA"])
def test_pictures_of_any_colour_mode_are_read(organization, mode):
    kind = "PNG" if mode in ("1", "LA") else "JPEG"
    content = io.BytesIO()
    Image.new(mode, (320, 200)).save(content, kind)

    kept = keep(as_file(content.getvalue()), organization)

    assert stored(kept, 320).size == (320, 200)


# --- Sizes ------------------------------------------------------------------------------------


def test_a_large_picture_is_kept_in_three_widths_with_its_aspect(organization):
    kept = keep(make.picture_file(width=2000, height=1500), organization)

    assert kept["widths"] == [320, 640, 1280]
    assert (kept["width"], kept["height"]) == (1280, 960)
    assert [stored(kept, width).size for width in kept["widths"]] == [
        (320, 240),
        (640, 480),
        (1280, 960),
    ]


@pytest.mark.parametrize(
    ("width", "widths"), [(200, [200]), (320, [320]), (500, [320, 500]), (900, [320, 640, 900])]
)
def test_a_small_picture_is_never_enlarged(organization, width, widths):
    kept = keep(make.picture_file(width=width, height=width), organization)

    assert kept["widths"] == widths
    assert stored(kept, widths[-1]).width == width


def test_a_picture_of_a_product_takes_the_next_place_and_its_description(organization):
    product = make.product()

    first = pictures.add(product, make.picture_file())
    second = pictures.add(product, make.picture_file(), description="De lado")

    assert (first.position, second.position) == (0, 1)
    assert (second.description, second.width, second.height) == ("De lado", 800, 1000)
    assert second.key.startswith(f"pictures/{organization.slug}/")


def test_a_removed_pictures_files_go_with_the_commit(
    organization, django_capture_on_commit_callbacks
):
    picture = pictures.add(make.product(), make.picture_file())
    files = [f"{picture.key}/{width}.webp" for width in picture.widths]

    with django_capture_on_commit_callbacks() as after_commit:
        pictures.remove(picture)
    assert all(map(default_storage.exists, files))
    for callback in after_commit:
        callback()

    assert not any(map(default_storage.exists, files))


def test_a_replaced_picture_leaves_no_files_behind(
    organization, django_capture_on_commit_callbacks
):
    old = keep(make.picture_file(), organization)

    with django_capture_on_commit_callbacks(execute=True):
        new = pictures.replace(old, pictures.read(make.picture_file()), organization)

    assert not default_storage.exists(f"{old['key']}/320.webp")
    assert default_storage.exists(f"{new['key']}/320.webp")
