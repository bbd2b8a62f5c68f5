"""What makes a shop look like its merchant, and installs as an app."""

import io
import json
import re

import pytest
from PIL import Image

from shop import branding, pictures
from shop.models import Organization
from shop.storefront import icons
from tests import make

pytestmark = pytest.mark.django_db

COLOURS = ["#000000", "#ffffff", "#1f3d36", "#b7791f", "#767676", "#ffff00", "#7f7f7f", "#ff0000"]


def properties(client):
    written = client.get("/marca.css").content.decode()
    return dict(re.findall(r"(--[a-z-]+):(#[0-9a-f]{6})", written))


def icon(client, name):
    answer = client.get(f"/iconos/{name}.png")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    return Image.open(io.BytesIO(answer.content))


def test_the_stylesheet_has_the_colours_of_this_shop(client, db):
    make.organization(host="testserver", brand_colour="#AA3355", accent_colour="#00ff00")

    assert properties(client) == {
        "--brand": "#aa3355",
        "--on-brand": "#fffdf8",
        "--accent": "#00ff00",
    }


@pytest.mark.parametrize("colour", COLOURS)
def test_text_on_any_brand_colour_can_be_read(colour):
    assert branding.contrast(branding.on_colour(colour), colour) >= 4.5


def test_contrast_is_what_wcag_says():
    assert branding.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert branding.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("colour", ["red", "", "#fff", "#12345g", "#0;}*{x", "#000000\n"])
def test_a_value_that_is_no_colour_never_reaches_the_stylesheet(colour):
    shop = Organization(brand_colour=colour, accent_colour=colour)

    assert branding.stylesheet(shop) == (
        ":root{--brand:#1f3d36;--on-brand:#fffdf8;--accent:#b7791f}\n"
    )


def test_browsers_keep_branding_for_good_under_its_version_only(organization, client):
    for url in (branding.stylesheet_url(organization), branding.icon_url(organization, "192")):
        assert client.get(url)["Cache-Control"] == "public, max-age=31536000, immutable"
        stale = client.get(url.partition("?")[0], {"v": "old"})
        assert stale["Cache-Control"] == "public, max-age=300"


def test_another_colour_is_another_address(organization):
    before = branding.stylesheet_url(organization), branding.icon_url(organization, "192")

    organization.brand_colour = "#112233"

    assert branding.stylesheet_url(organization) != before[0]
    assert branding.icon_url(organization, "192") != before[1]


@pytest.mark.parametrize(
    ("name", "side"), [(name, side) for name, (side, _) in branding.ICONS.items()]
)
def test_an_icon_has_its_size_and_the_brand_colour(client, db, name, side):
    make.organization(host="testserver", brand_colour="#aa3355")

    picture = icon(client, name)

    assert picture.size == (side, side)
    assert picture.getpixel((side // 2, side // 16))[:3] == (0xAA, 0x33, 0x55)


def test_a_maskable_icon_fills_its_corners_and_an_ordinary_one_is_round(organization, client):
    assert icon(client, "maskable-512").getpixel((0, 0))[3] == 255
    assert icon(client, "512").getpixel((0, 0))[3] == 0


def test_a_letter_stays_inside_the_circle_that_launchers_leave(client, db):
    make.organization(host="testserver", name="Wöm", brand_colour="#1f3d36")

    picture = icon(client, "maskable-512").convert("RGB")

    ground = (0x1F, 0x3D, 0x36)
    for x in range(0, 512, 4):
        for y in range(0, 512, 4):
            if (x - 256) ** 2 + (y - 256) ** 2 > (512 * 0.4) ** 2:
                assert picture.getpixel((x, y)) == ground


def test_the_merchants_own_picture_becomes_the_icon(client, db):
    shop = make.organization(host="testserver")
    shop.logo = pictures.save(Image.new("RGB", (400, 200), "#ff0000"), shop)
    shop.save()

    picture = icon(client, "512").convert("RGBA")

    red, green, blue, _alpha = picture.getpixel((256, 256))
    assert red > 200
    assert green < 60
    assert blue < 60
    assert picture.getpixel((256, 20))[3] == 0


def test_a_lost_picture_file_gives_the_letter(client, db):
    shop = make.organization(host="testserver", brand_colour="#aa3355")
    shop.logo = {"key": "pictures/lost", "widths": [320], "width": 320, "height": 320, "alt": ""}
    shop.save()

    assert icon(client, "192").getpixel((96, 12))[:3] == (0xAA, 0x33, 0x55)


@pytest.mark.parametrize(
    ("name", "letter"),
    [("kaiu", "K"), ("¡Ñandú!", "Ñ"), ("7 Cueros", "7"), ("茶", "•"), ("…", "•")],
)
def test_the_monogram_is_the_first_letter_that_can_be_drawn(name, letter):
    assert icons.monogram(name) == letter


def test_an_unknown_icon_is_not_found(organization, client):
    assert client.get("/iconos/9999.png").status_code == 404


def test_the_manifest_lets_a_telephone_install_the_shop(client, db):
    make.organization(
        host="testserver", name="KAIU Natural Living", tagline="Aceites", brand_colour="#aa3355"
    )
    client.cookies.load({"kaiu_language": "en"})

    answer = client.get("/manifest.webmanifest")

    assert answer["Content-Type"] == "application/manifest+json"
    manifest = json.loads(answer.content)
    assert (manifest["name"], manifest["short_name"]) == ("KAIU Natural Living", "KAIU Natural")
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (
        "/",
        "/",
        "standalone",
    )
    assert (manifest["lang"], manifest["theme_color"]) == ("en", "#aa3355")
    assert {(one["sizes"], one["purpose"]) for one in manifest["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for one in manifest["icons"]:
        picture = Image.open(io.BytesIO(client.get(one["src"]).content))
        assert f"{picture.width}x{picture.height}" == one["sizes"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Luna", "Luna"),
        ("Panaderíaymásextensa", "Panaderíaymá"),
        ("A b c d e f g h", "A b c d e f"),
    ],
)
def test_a_short_name_fits_under_an_icon(name, short):
    assert branding._short(name) == short


def test_two_shops_have_their_own_branding(organization, client):
    make.organization(host="otra.localhost", name="Otra", brand_colour="#112233")

    manifest = client.get("/manifest.webmanifest", headers={"host": "otra.localhost"}).json()

    assert manifest["name"] == "Otra"
    assert manifest["theme_color"] == "#112233"
    icons_of = [
        client.get("/iconos/192.png", headers={"host": host}).content
        for host in ("testserver", "otra.localhost")
    ]
    assert icons_of[0] != icons_of[1]


def test_the_service_worker_serves_the_whole_shop_and_is_always_asked_for(organization, client):
    answer = client.get("/sw.js")

    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"
    assert answer["Service-Worker-Allowed"] == "/"
    release, _end, script = answer.content.decode().partition("\n")
    described = json.loads(release.removeprefix("self.RELEASE = ").removesuffix(";"))
    assert re.fullmatch(r"[0-9a-f]{16}", described["version"])
    assert "/static/css/base.css" in described["assets"]
    assert "self.RELEASE" in script


def test_the_offline_page_needs_no_shop_and_shows_nobody(organization, client):
    answer = client.get("/sin-conexion/")

    assert answer.status_code == 200
    assert b"/static/css/base.css" in answer.content
    assert organization.name.encode() not in answer.content
    assert not answer.cookies


def test_a_picture_comes_from_the_disk_and_is_kept_for_good(organization, client):
    kept = pictures.save(Image.new("RGB", (400, 200), "#ff0000"), organization)

    answer = client.get(f"/media/{kept['key']}/400.webp")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/webp"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert Image.open(io.BytesIO(b"".join(answer.streaming_content))).size == (400, 200)


@pytest.mark.parametrize(
    "path", ["", "pictures/", "pictures/none.webp", "../settings.py", "..%2f..%2fetc/passwd", "%00"]
)
def test_nothing_else_on_the_disk_is_sent(organization, client, path):
    assert client.get(f"/media/{path}").status_code == 404
